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
