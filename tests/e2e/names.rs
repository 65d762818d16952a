//! Names in spoken commands, from the sound to the person. The campaign of hundreds is `herald bench names-spoken`.

use std::path::Path;

use crate::support::{self, program::herald};

#[test]
fn names_in_24_spoken_commands_are_never_taken_for_somebody_else() {
    let first_names = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/nlu/first_names.tsv");
    let models = support::models_dir();
    let needed = ["base-q8_0", "kokoro", "kokoro-voices", "kokoro-vocab"];
    if !first_names.is_file() || needed.iter().any(|name| herald::models::find(&models, name).is_err()) {
        println!("skipped: no data at {}, or no models in {}", first_names.display(), models.display());
        return;
    }
    let heard = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/names/heard.tsv");
    let dir = tempfile::tempdir().unwrap();
    let arguments = ["--models-dir", models.to_str().unwrap(), "bench", "names-spoken", "--json", "--commands", "24"];
    let data = ["--heard-names", heard.to_str().unwrap(), "--first-names", first_names.to_str().unwrap()];
    let run = herald(dir.path(), &[&arguments[..], &data].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let figures = run.json();
    let sum = |metric: &str| -> f64 {
        let of = figures.iter().filter(|figure| figure["metric"].as_str().unwrap().ends_with(metric));
        of.map(|figure| figure["value"].as_f64().unwrap()).sum()
    };
    let (again, first, by_edit_distance) =
        (sum("/name_errors"), sum("/name_errors_at_first_hearing"), sum("/name_errors_by_edit_distance"));
    println!(
        "name errors {again} %, at first hearing {first} %, by edit distance {by_edit_distance} %, both languages"
    );
    assert_eq!((sum("/commands"), sum("/wrong_single_answers")), (24.0, 0.0), "{figures:?}");
    assert!(again <= first && again <= by_edit_distance, "{figures:?}");
    assert_eq!(sum("/sentences_to_nobody_taken_for_commands"), 0.0, "{figures:?}");
}

#[test]
fn a_name_that_is_written_as_another_word_is_heard_a_second_time() {
    let models = support::models_dir();
    let needed = ["base-q8_0", "silero", "kokoro", "kokoro-voices", "kokoro-vocab"];
    if needed.iter().any(|name| herald::models::find(&models, name).is_err()) {
        println!("skipped: no models in {}", models.display());
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let models = ["--models-dir", models.to_str().unwrap(), "--lang", "en"];
        let run = herald(dir.path(), &[arguments, &models].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run
    };
    let [sound, events] = ["command.wav", "events.jsonl"].map(|name| dir.path().join(name));
    let (sound, events) = (sound.to_str().unwrap(), events.to_str().unwrap());
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/names/book.vcf");
    std::fs::write(dir.path().join("kokoro.toml"), "[speech]\nengine = \"kokoro\"\nvoice_en = \"bm_george\"\n")
        .unwrap();
    let config = dir.path().join("kokoro.toml");
    run(&["contacts", "import", book.to_str().unwrap()]);
    run(&["say", "--config", config.to_str().unwrap(), "--output", sound, "Text Thore I will be there soon."]);
    run(&["run", "--model", "base-q8_0", "--input", sound, "--events", events]);
    let events = std::fs::read_to_string(events).unwrap();
    let events: Vec<serde_json::Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first = |kind: &str| -> String {
        let event = events.iter().find(|event| event["type"] == kind);
        event.unwrap_or_else(|| panic!("no {kind} in {events:?}"))["text"].as_str().unwrap().to_owned()
    };
    assert!(!first("transcript").contains("Thore"), "the recogniser knows the name: choose another");
    assert!(first("reply").contains("Thore"), "{events:?}");
}
