//! What the documentation names exists.

use crate::repository;

/// Returns the words between single backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_make_command_of_the_documentation_is_in_the_makefile() {
    let makefile = repository::text("Makefile");
    let mut found = 0;
    for page in ["README.md", ".github/CONTRIBUTING.md", "firmware-config/README.md"] {
        let page = repository::text(page);
        for command in
            page.split("make ").skip(1).map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap())
        {
            if page.contains(&format!("`make {command}")) || page.contains(&format!("    make {command}\n")) {
                assert!(makefile.contains(&format!("\n{command}:")), "make {command} is not in the Makefile");
                found += 1;
            }
        }
    }
    assert!(found > 5, "only {found} commands were found");
}

#[test]
fn the_service_starts_herald_with_options_it_has() {
    let unit = repository::text("firmware-config/systemd/herald.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let words: Vec<_> = start.split_whitespace().collect();
    assert_eq!(words[..2], ["/usr/bin/herald", "run"]);
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_herald")).args(["run", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for option in words.iter().filter(|word| word.starts_with("--")) {
        assert!(help.contains(option), "herald run has no {option}");
    }
}

#[test]
fn every_herald_command_of_the_documentation_is_a_subcommand() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_herald")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let pages =
        ["README.md", "firmware-config/README.md", "firmware-config/systemd/set-up.sh", "tests/examples/run.sh"];
    let mut found = 0;
    for page in pages {
        let text = repository::text(page).replace("\"$herald\"", "`herald");
        for start in ["`herald ", "-- herald "] {
            for rest in text.split(start).skip(1) {
                let command = rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap();
                assert!(help.contains(&format!("\n  {command} ")), "{page} names herald {command}");
                found += 1;
            }
        }
    }
    assert!(found > 5, "only {found} commands were found");
}

#[test]
fn every_link_inside_the_repository_leads_somewhere() {
    let folders = ["models", "firmware-config", ".github", "src", "tests"];
    let mut pages: Vec<_> =
        folders.iter().flat_map(|folder| repository::files(&repository::path(folder), ".md")).collect();
    pages.extend([repository::path("README.md"), repository::path("CHANGELOG.md")]);
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let is_outside = link.starts_with("http") || link.starts_with('#');
            assert!(is_outside || page.with_file_name(link).exists(), "{} links to {link}", page.display());
        }
    }
}

#[test]
fn the_map_of_the_library_names_every_module_and_files_that_exist() {
    let library = repository::text("src/lib.rs");
    let rows: Vec<_> = library.lines().filter(|line| line.starts_with("//! | [`")).collect();
    let named: Vec<_> = rows.iter().map(|row| quoted(row).next().unwrap()).collect();
    let declared: Vec<_> =
        library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(named, declared, "the map names the modules in their order");
    for row in rows {
        let start = quoted(row).last().unwrap();
        let folder = start.split('*').next().unwrap();
        let below = if folder.starts_with("models/manifest") { folder.to_owned() } else { format!("src/{folder}") };
        assert!(repository::path(&below).exists(), "the map says to start reading at {start}");
    }
}

#[test]
fn the_top_level_holds_what_it_should_and_nothing_else() {
    let expected = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "Makefile",
        "README.md",
        "firmware-config",
        "models",
        "src",
        "target",
        "tests",
    ];
    for entry in std::fs::read_dir(repository::path("")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(name.starts_with('.') || expected.contains(&name.as_str()), "{name} does not belong to the top level");
    }
}

#[test]
fn scripts_are_plain_shell_and_executable() {
    use std::os::unix::fs::PermissionsExt;
    let scripts = [
        ".ci/packages",
        ".ci/suite",
        ".ci/deb",
        ".ci/run",
        "tests/examples/run.sh",
        "firmware-config/systemd/set-up.sh",
    ];
    for script in scripts {
        let shell = if repository::text(script).starts_with("#!/usr/bin/env bash") { "bash" } else { "sh" };
        let read = std::process::Command::new(shell).arg("-n").arg(repository::path(script)).status().unwrap();
        assert!(read.success(), "{shell} cannot read {script}");
        let mode = std::fs::metadata(repository::path(script)).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{script} is not executable");
    }
}
