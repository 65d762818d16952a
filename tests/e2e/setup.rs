//! `herald setup` at a pseudo-terminal, with a sound server without hardware.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[cfg(feature = "matrix")]
use crate::support::homeserver::Homeserver;
use crate::support::{program, pulse::PulseServer, terminal::Terminal};

/// The next item of a list.
const DOWN: &str = "j";
/// What the question for a network is, in a Herald that has one.
const HAS_NETWORK: bool = cfg!(feature = "matrix");

fn sentence(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples").join(name)
}

fn config(home: &Path) -> PathBuf {
    home.join(".config/herald/config.toml")
}

/// A home without models, so that the plain voice speaks at once.
fn new_home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Variables under which there is no sound at all.
fn no_sound(home: &Path) -> Vec<(&'static str, PathBuf)> {
    vec![
        ("PULSE_SERVER", PathBuf::from(format!("unix:{}/none", home.display()))),
        ("PULSE_RUNTIME_PATH", home.to_owned()),
        ("XDG_RUNTIME_DIR", home.to_owned()),
        ("ALSA_CONFIG_PATH", home.join("no-alsa.conf")),
    ]
}

/// Presses Enter until the end, where there is no sound.
fn skip_silently(terminal: &mut Terminal) {
    terminal.enters("Language / Langue");
    terminal.sees("There is no microphone");
    terminal.sees("There is no loudspeaker");
    skip_to_network(terminal);
    if HAS_NETWORK {
        terminal.enters("Chat network");
    }
}

/// Presses Enter from the voices to the owner's name.
fn skip_to_network(terminal: &mut Terminal) {
    terminal.enters("English voice");
    terminal.enters("French voice");
    terminal.enters("How is Herald called");
    terminal.enters("Your name");
}

#[test]
fn a_newcomer_is_heard_hears_herald_and_is_ready_to_begin() {
    let Some(server) = PulseServer::start() else { return };
    let home = new_home();
    let mut terminal = Terminal::start(home.path(), &server.environment(), &["setup"]);
    // From both languages round to English.
    terminal.answers("Language / Langue", DOWN);
    terminal.sees("(the system's default)");
    terminal.types("\r");
    terminal.sees("Say something");
    let speaking = server.speak(&sentence("home-en-1.flac"));
    terminal.sees("I hear you.");
    drop(speaking);
    let recording = server.record();
    terminal.enters("Loudspeaker");
    terminal.enters("Did you hear \"This is Herald.\"");
    let heard = recording.finish();
    assert!(heard.iter().any(|sample| sample.abs() > 0.05), "nothing was played");
    terminal.answers("English voice", DOWN);
    terminal.enters("This voice");
    terminal.enters("How is Herald called");
    terminal.answers("Your name, as others see it", "Zoé Martin");
    if HAS_NETWORK {
        terminal.enters("Chat network");
    }
    terminal.sees("[general] lang = \"en\"");
    terminal.enters("Write it");
    terminal.sees("Written.");
    let (code, rest) = terminal.ends();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("herald doctor") && rest.contains("herald run --show"), "{rest}");

    let written = fs::read_to_string(config(home.path())).unwrap();
    for line in ["lang = \"en\"", "owner = \"Zoé Martin\"", "voice_en = \"en"] {
        assert!(written.contains(line), "{line}: {written}");
    }
    let doctor = program::herald(home.path(), &["doctor"]);
    assert!(doctor.stdout.contains("general.owner = \"Zoé Martin\""), "{}", doctor.stdout);
}

#[test]
fn the_questions_go_on_in_french_once_it_is_chosen() {
    let Some(server) = PulseServer::start() else { return };
    let home = new_home();
    let mut terminal = Terminal::start(home.path(), &server.environment(), &["setup", "--lang", "fr"]);
    terminal.enters("Language / Langue");
    terminal.enters("Micro");
    terminal.sees("Dites quelque chose");
    let speaking = server.speak(&sentence("home-fr-1.flac"));
    terminal.sees("Je vous entends.");
    drop(speaking);
    terminal.enters("Haut-parleur");
    terminal.enters("Avez-vous entendu « Ici Herald. »");
    terminal.enters("Voix française");
    terminal.answers("Comment appeler Herald", DOWN);
    terminal.answers("Votre nom", "Anaïs");
    if HAS_NETWORK {
        terminal.enters("Réseau de messagerie");
    }
    terminal.sees("Ceci change dans");
    terminal.sees("[listen] wake = \"button\"   (avant : \"transcript\")");
    terminal.enters("L'écrire");
    terminal.sees("C'est écrit.");
    assert_eq!(terminal.ends().0, 0);
    let written = fs::read_to_string(config(home.path())).unwrap();
    let expected = "[general]\nlang = \"fr\"\nowner = \"Anaïs\"\n\n[listen]\nwake = \"button\"\n";
    assert_eq!(written, expected);
}

#[test]
fn silence_is_told_as_such_and_another_microphone_may_be_tried() {
    let Some(server) = PulseServer::start() else { return };
    let home = new_home();
    let mut terminal = Terminal::start(home.path(), &server.environment(), &["setup"]);
    terminal.enters("Language / Langue");
    terminal.enters("Microphone");
    terminal.sees("I hear nothing: is it muted?");
    terminal.answers("What now", DOWN);
    terminal.sees("Say something");
    terminal.sees("I hear nothing: is it muted?");
    terminal.answers("What now", "jj");
    terminal.answers("Microphone", DOWN);
    terminal.sees("Say something");
    terminal.sees("I hear");
    terminal.enters("What now");
    terminal.sees("Loudspeaker");
    terminal.interrupts();
    assert_eq!(terminal.ends().0, 2);
}

#[test]
fn enter_alone_changes_nothing_and_makes_no_file() {
    let home = new_home();
    let mut terminal = Terminal::start(home.path(), &no_sound(home.path()), &["setup"]);
    skip_silently(&mut terminal);
    terminal.sees("Nothing changes.");
    assert_eq!(terminal.ends().0, 0);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_file_with_comments_keeps_them_and_everything_that_was_not_asked() {
    let home = new_home();
    let file = home.path().join("mine.toml");
    let before = "# the kitchen\n[general]\nowner = \"Ada\"    # me\nplace = \"at home\"\n\n[dialogue]\nundo_window_ms = 0 # at once\n";
    fs::write(&file, before).unwrap();
    let arguments = ["setup", "--config", file.to_str().unwrap()];
    let mut terminal = Terminal::start(home.path(), &no_sound(home.path()), &arguments);
    skip_silently(&mut terminal);
    terminal.sees("Nothing changes.");
    assert_eq!(terminal.ends().0, 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), before);

    let mut terminal = Terminal::start(home.path(), &no_sound(home.path()), &arguments);
    terminal.enters("Language / Langue");
    terminal.enters("English voice");
    terminal.enters("French voice");
    terminal.enters("How is Herald called");
    terminal.answers("Your name, as others see it [Ada]", "Grace");
    if HAS_NETWORK {
        terminal.enters("Chat network");
    }
    terminal.sees("[general] owner = \"Grace\"   (was \"Ada\")");
    terminal.enters("Write it");
    terminal.sees("Written.");
    assert_eq!(terminal.ends().0, 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), before.replace("Ada", "Grace"));
}

#[test]
fn ctrl_c_at_any_question_leaves_everything_as_it_was() {
    for questions in 0..4 {
        let home = new_home();
        let file = home.path().join("config.toml");
        let arguments = ["setup", "--lang", "fr", "--config", file.to_str().unwrap()];
        let mut terminal = Terminal::start(home.path(), &no_sound(home.path()), &arguments);
        let steps = ["Language / Langue", "Voix française", "Comment appeler Herald", "Votre nom"];
        for step in &steps[..questions] {
            terminal.enters(step);
        }
        terminal.sees(steps[questions]);
        terminal.interrupts();
        let (code, rest) = terminal.ends();
        assert_eq!(code, 2, "{rest}");
        let told = if questions == 0 { "the configuration is as it was" } else { "comme elle était" };
        assert!(rest.contains(told), "{rest}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }
}

#[test]
fn ctrl_c_while_the_level_is_shown_ends_it_at_once() {
    let Some(server) = PulseServer::start() else { return };
    let home = new_home();
    let mut terminal = Terminal::start(home.path(), &server.environment(), &["setup"]);
    terminal.enters("Language / Langue");
    terminal.enters("Microphone");
    terminal.sees("Say something");
    terminal.interrupts();
    let (code, rest) = terminal.ends();
    assert_eq!(code, 2, "{rest}");
    assert!(rest.contains("the configuration is as it was") && !rest.contains("I hear"), "{rest}");
}

#[cfg(feature = "matrix")]
#[test]
fn ctrl_c_at_the_password_ends_it_at_once() {
    let home = new_home();
    let mut terminal = Terminal::start(home.path(), &no_sound(home.path()), &["setup"]);
    terminal.enters("Language / Langue");
    skip_to_network(&mut terminal);
    terminal.answers("Chat network", DOWN);
    terminal.answers("Homeserver", "http://127.0.0.1:1");
    terminal.answers("User", "owner");
    terminal.sees("Password");
    terminal.interrupts();
    let (code, rest) = terminal.ends();
    assert_eq!(code, 2, "{rest}");
    assert!(rest.contains("the configuration is as it was"), "{rest}");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn without_a_terminal_it_says_which_commands_and_keys_do_the_same() {
    let home = new_home();
    let run = program::herald(home.path(), &["setup"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    for part in ["herald setup wake", "herald setup matrix", "[audio] input_device", "[general] lang"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_cannot_be_written_is_exit_74() {
    let home = new_home();
    let blocked = home.path().join("file");
    fs::write(&blocked, "").unwrap();
    let below = blocked.join("config.toml");
    let arguments = ["setup", "--lang", "fr", "--config", below.to_str().unwrap()];
    let mut terminal = Terminal::start(home.path(), &no_sound(home.path()), &arguments);
    terminal.enters("Language / Langue");
    terminal.enters("Voix française");
    terminal.enters("Comment appeler Herald");
    terminal.enters("Votre nom");
    if HAS_NETWORK {
        terminal.enters("Réseau de messagerie");
    }
    terminal.enters("L'écrire");
    let (code, rest) = terminal.ends();
    assert_eq!(code, 74, "{rest}");
    assert!(rest.contains("cannot write") && rest.contains("--config"), "{rest}");
}

#[test]
fn a_wrong_configuration_is_told_before_any_question() {
    let home = new_home();
    let file = home.path().join("config.toml");
    fs::write(&file, "[general]\nlang = \"de\"\n").unwrap();
    let arguments = ["setup", "--config", file.to_str().unwrap()];
    let (code, rest) = Terminal::start(home.path(), &no_sound(home.path()), &arguments).ends();
    assert_eq!(code, 78, "{rest}");
    assert!(rest.contains("general.lang") && !rest.contains("Langue"), "{rest}");
}

#[cfg(feature = "matrix")]
#[test]
fn the_network_is_signed_in_to_and_a_wrong_password_may_be_typed_again() {
    let Some(server) = Homeserver::start() else { return };
    server.register("owner");
    let home = new_home();
    let mut terminal = Terminal::start(home.path(), &no_sound(home.path()), &["setup"]);
    terminal.enters("Language / Langue");
    skip_to_network(&mut terminal);
    terminal.answers("Chat network", DOWN);
    for (password, outcome) in [("wrong", "refuses this user and password"), ("pw", "Signed in as @owner:home.test")] {
        terminal.answers("Homeserver", &server.url());
        terminal.answers("User", "owner");
        terminal.answers("Password", password);
        terminal.sees(outcome);
        if password == "wrong" {
            terminal.answers("What now", DOWN);
        }
    }
    terminal.sees("[action] network = \"matrix\"   (was \"local\")");
    terminal.enters("Write it");
    terminal.sees("Written.");
    assert_eq!(terminal.ends().0, 0);
    assert_eq!(fs::read_to_string(config(home.path())).unwrap(), "[action]\nnetwork = \"matrix\"\n");
    let doctor = program::herald(home.path(), &["doctor"]);
    assert!(doctor.stdout.contains("signed in as @owner:home.test"), "{}", doctor.stdout);
}
