//! The command line as scripts see it: help, exit codes, what goes to stdout.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::repository;

/// Runs the program in a home of its own, without any setting of the person who runs the tests.
fn herald(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_herald"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("HERALD_") || name.starts_with("XDG_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).env("HOME", home).stdin(std::process::Stdio::null()).output().unwrap()
}

fn in_a_new_home(arguments: &[&str]) -> (i32, String, String) {
    let home = tempfile::tempdir().unwrap();
    parts(&herald(home.path(), arguments))
}

fn parts(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// The subcommands, read from the program's own help.
fn subcommands() -> Vec<String> {
    let (_, help, _) = in_a_new_home(&["--help"]);
    let list = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_subcommand_explains_itself_and_every_option() {
    let subcommands = subcommands();
    for expected in
        ["run", "transcribe", "parse", "ask", "say", "contacts", "inbox", "outbox", "models", "doctor", "bench"]
    {
        assert!(subcommands.iter().any(|name| name == expected), "{expected} is missing in {subcommands:?}");
    }
    for name in subcommands {
        let (code, help, errors) = in_a_new_home(&[&name, "--help"]);
        assert_eq!((code, errors.as_str()), (0, ""), "{name}");
        assert!(help.contains(&format!("Usage: herald {name}")), "{help}");
        for option in ["--config", "--profile", "--data-dir", "--models-dir", "--lang", "--model", "--voice", "--json"]
        {
            assert!(help.contains(option), "herald {name} --help does not name {option}");
        }
    }
}

#[test]
fn a_command_line_that_makes_no_sense_ends_with_2_and_nothing_on_stdout() {
    for arguments in
        [&["--no-such-flag"][..], &["no-such-command"], &[], &["doctor", "--lang", "de"], &["doctor", "surplus"]]
    {
        let (code, stdout, stderr) = in_a_new_home(arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains("Usage") || stderr.contains("--help"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_wrong_configuration_ends_with_78_and_names_all_its_problems() {
    let sample = repository::path("tests/e2e/config/invalid/several-mistakes.toml");
    let (code, stdout, _) = in_a_new_home(&["doctor", "--json", "--config", &sample.display().to_string()]);
    assert_eq!(code, 78);
    for key in ["general.lang", "general.onwer", "listen.pause_ms", "asr.threads"] {
        assert!(stdout.lines().next().unwrap().contains(key), "{key}: {stdout}");
    }
}

#[test]
fn a_configuration_file_that_is_not_there_ends_with_78() {
    let (code, stdout, _) = in_a_new_home(&["doctor", "--config", "no-such-file.toml"]);
    assert_eq!(code, 78);
    assert!(stdout.contains("cannot read no-such-file.toml"), "{stdout}");
}

#[test]
fn the_users_own_configuration_is_found_without_a_flag() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/herald");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "[general]\nowner = \"Ada\"\n").unwrap();
    let (_, stdout, _) = parts(&herald(home.path(), &["doctor"]));
    assert!(stdout.contains("general.owner = \"Ada\""), "{stdout}");
    assert!(stdout.contains("config.toml:2:9"), "{stdout}");
}

#[test]
fn the_doctor_prints_one_json_object_a_line_and_keeps_stdout_for_them() {
    let (_, stdout, _) = in_a_new_home(&["doctor", "--json"]);
    let mut checks = Vec::new();
    for line in stdout.lines() {
        let check: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(check["ok"].is_boolean() && check["detail"].is_string() && check["fix"].is_string(), "{line}");
        assert_eq!(check["ok"] == false, check["fix"] != "", "a failure says how to mend it: {line}");
        checks.push(check["check"].as_str().unwrap().to_owned());
    }
    for expected in [
        "configuration",
        "processor",
        "threads",
        "data",
        "disk",
        "database",
        "microphone",
        "loudspeaker",
        "model",
        "network",
    ] {
        assert!(checks.iter().any(|check| check == expected), "{expected} is missing in {checks:?}");
    }
}

#[test]
fn a_data_directory_that_cannot_be_written_is_reported_by_the_doctor() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let below = file.path().join("data").display().to_string();
    let (code, stdout, _) = in_a_new_home(&["doctor", "--json", "--data-dir", &below]);
    assert_eq!(code, 69);
    assert!(stdout.contains(r#"{"check":"data","ok":false"#), "{stdout}");
}

#[test]
fn a_command_that_needs_the_data_directory_ends_with_74_when_it_cannot_be_written() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let below = file.path().join("data").display().to_string();
    let (code, stdout, stderr) = in_a_new_home(&["models", "list", "--json", "--data-dir", &below]);
    assert_eq!((code, stdout.as_str()), (74, ""));
    assert!(stderr.contains(&below) && stderr.contains("--data-dir"), "{stderr}");
}

#[test]
fn a_wrong_configuration_stops_every_command_before_it_does_anything() {
    let sample = repository::path("tests/e2e/config/invalid/several-mistakes.toml");
    let home = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) =
        parts(&herald(home.path(), &["models", "list", "--config", &sample.display().to_string()]));
    assert_eq!((code, stdout.as_str()), (78, ""));
    assert_eq!(stderr.matches("several-mistakes.toml:").count(), 4, "{stderr}");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing was made");
}
