//! The house from the command line: microphone, driving, the audit trail; and that words to it are nobody's intent.

use std::{fs, path::Path};

use herald::{
    config::Lang,
    intent::{Control, Expected, NoNames, Parser},
    runtime,
    store::Store,
};

use crate::support::{
    self,
    program::{Run, command, herald},
};

fn examples() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples")
}

/// A data directory with the example contacts.
fn house() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let contacts = examples().join("contacts.vcf");
    assert_eq!(herald(dir.path(), &["contacts", "import", contacts.to_str().unwrap()]).code, Some(0));
    dir
}

fn quiet_success(run: &Run) {
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn the_microphone_stays_off_over_a_restart_until_it_is_turned_on() {
    let dir = house();
    let is_muted = || runtime::is_muted(&Store::open(dir.path()).unwrap()).unwrap();
    assert!(!is_muted());
    quiet_success(&herald(dir.path(), &["mute"]));
    assert!(is_muted());
    let shown = herald(dir.path(), &["--json", "ask", "what is waiting"]);
    assert!(shown.stdout.lines().next().unwrap().contains("\"type\":\"microphone\",\"muted\":true"), "{shown:?}");
    quiet_success(&herald(dir.path(), &["unmute"]));
    assert!(!is_muted());
    herald(dir.path(), &["ask", "mute the microphone"]);
    assert!(is_muted(), "by voice as well");
}

#[test]
fn with_the_microphone_off_nothing_is_heard() {
    let (models, needed) = (support::models_dir(), ["base-q8_0", "silero", "kokoro", "kokoro-voices", "kokoro-vocab"]);
    if needed.iter().any(|name| herald::models::find(&models, name).is_err()) {
        println!("skipped: no models in {}", models.display());
        return;
    }
    let dir = house();
    let heard = || {
        let mut program = command(std::process::Command::new(env!("CARGO_BIN_EXE_herald")), dir.path());
        program
            .arg("--models-dir")
            .arg(support::models_dir())
            .args(["--lang", "en", "run", "--events", "-", "--input"]);
        let run: Run = program.arg(examples().join("home-en-1.flac")).output().unwrap().into();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stdout.contains("\"transcript\"")
    };
    herald(dir.path(), &["mute"]);
    assert!(!heard());
    herald(dir.path(), &["unmute"]);
    assert!(heard());
}

#[test]
fn who_writes_to_a_driver_is_answered_where_that_is_enabled() {
    let dir = house();
    let config = dir.path().join("config.toml");
    fs::write(&config, "[car]\nauto_reply = true\n").unwrap();
    let answered = |state: &str| {
        quiet_success(&herald(dir.path(), &["car", state]));
        assert_eq!(herald(dir.path(), &["inbox", "deliver", "--from", "Paul Martin", "Call me"]).code, Some(0));
        let arguments = ["--config", config.to_str().unwrap(), "--profile", "car", "--lang", "en", "--json"];
        let run = herald(dir.path(), &[&arguments[..], &["ask", "who from"]].concat());
        run.stdout.contains("\"kind\":\"auto_reply\"")
    };
    assert!(!answered("parked"));
    assert!(answered("moving"));
    assert!(!answered("moving"), "once a drive");
    assert!(!answered("parked"));
    assert!(answered("moving"), "a new drive");
    let sent = herald(dir.path(), &["inbox", "--json"]).json();
    assert_eq!(sent.iter().filter(|line| line["body"] == "I'm driving. I will answer later.").count(), 2);
}

#[test]
fn what_herald_did_can_be_listed_and_forgotten() {
    let dir = house();
    assert_eq!(herald(dir.path(), &["why"]).stdout, "");
    herald(dir.path(), &["--lang", "en", "ask", "--yes", "message Marion that dinner is ready"]);
    let trail = herald(dir.path(), &["why", "--json"]).json();
    assert_eq!(trail.len(), 1);
    assert_eq!((&trail[0]["deed"], &trail[0]["who"]), (&"confirmed".into(), &"Marion Petit".into()));
    assert!(!trail[0].to_string().contains("dinner"), "no words of the message");
    quiet_success(&herald(dir.path(), &["why", "--forget"]));
    assert_eq!(herald(dir.path(), &["why"]).stdout, "");
}

#[test]
fn words_to_the_house_are_understood_in_both_languages_and_dictated_only_a_pause() {
    let parser = Parser::new().unwrap();
    let lines = [
        ("catch me up please", "fais-moi un résumé s'il te plaît", Control::CatchUp),
        ("Herald, what is waiting?", "qu'est-ce qui est en attente ?", Control::Waiting),
        ("who was that from?", "de qui ?", Control::WhoFrom),
        ("a bit louder", "un peu plus fort", Control::Louder),
        ("turn the volume down", "baisse le son", Control::Quieter),
        ("mute your microphone", "coupe ton micro", Control::Mute),
        ("pause", "fais une pause", Control::Pause),
        ("resume", "reprends", Control::Resume),
        ("why did you say that", "pourquoi tu as dit ça", Control::Why),
        ("delete your history", "efface ton journal", Control::Forget),
        ("how much do I owe Marion?", "combien je dois à Marion ?", Control::Owed),
        ("who owes whom", "qui doit quoi à qui", Control::Owed),
        ("what does Paul owe me", "combien Paul me doit", Control::Owed),
        ("who paid?", "qui a payé ?", Control::LastPaid),
        ("can you call the police", "appelle la police tout de suite", Control::Emergency),
    ];
    for (english, french, control) in lines {
        for (text, lang) in [(english, Lang::En), (french, Lang::Fr)] {
            for expected in [Expected::Command, Expected::Reading] {
                let found = parser.control(text, Some(lang), expected, &NoNames);
                assert_eq!(found.map(|found| (found.control, found.lang)), Some((control, lang)), "{text}");
            }
            // Who is asked for a message may still say that it must wait.
            let dictated = parser.control(text, Some(lang), Expected::Content, &NoNames).map(|found| found.control);
            assert_eq!(dictated, Some(control).filter(|control| *control == Control::Pause), "{text}, dictated");
        }
    }
}

#[test]
fn what_is_for_other_people_is_no_word_to_the_house() {
    let parser = Parser::new().unwrap();
    for text in [
        "tell Marion to call an ambulance",
        "message Paul that it is an emergency",
        "call Marion",
        "read my messages",
        "yes",
        "no",
        "dis à Paul de parler plus fort",
        "appelle Marion",
        "oui",
        "non",
        "lis mes messages",
        "envoie un message à la police",
        "ask Paul how much I owe him",
        "tell Marion who paid",
        "I owe Marion twenty euros",
        "dis à Paul combien je lui dois",
    ] {
        for expected in [Expected::Command, Expected::YesNo, Expected::Reading] {
            assert_eq!(parser.control(text, None, expected, &NoNames), None, "{text}");
        }
    }
}
