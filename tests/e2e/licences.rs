//! Every dependency has a licence that Herald may be shipped with, read from `cargo metadata`.

use std::process::Command;

use crate::repository;

/// Licences that ask for no more than a notice, or (MPL) for the source of the dependency's own files.
const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "MPL-2.0+",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages with another licence, each with the reason why it may be used.
const EXCEPTIONS: [(&str, &str, &str); 2] = [
    ("language-tokenizer", "", "its licence file is the WTFPL 2, which allows everything"),
    ("webpki-roots", "CDLA-Permissive-2.0", "a list of certificates: a licence for data, permissive"),
];

/// Whether an SPDX expression can be satisfied with the allowed licences. `AND` binds closer than `OR`.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<_> = expression.split_whitespace().collect();
    let mut at = 0;
    any_of(&words, &mut at) && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize) -> bool {
    let mut allowed = all_of(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        allowed |= all_of(words, at);
    }
    allowed
}

fn all_of(words: &[&str], at: &mut usize) -> bool {
    let mut allowed = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        allowed &= one(words, at);
    }
    allowed
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let word = words.get(*at).copied().unwrap_or_default();
    *at += 1;
    if word == "(" {
        let allowed = any_of(words, at);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return allowed && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        *at += 2;
    }
    ALLOWED.contains(&word)
}

#[test]
fn licence_expressions_are_read_as_spdx_means_them() {
    for allowed in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-2.0 OR MIT",
        "(MIT OR GPL-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(is_allowed(allowed), "{allowed}");
    }
    for refused in ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT OR", "(MIT", "MIT GPL-3.0", "GPL-3.0 AND MIT OR GPL-2.0"] {
        assert!(!is_allowed(refused), "{refused}");
    }
}

/// Returns the packages of this machine's platform with all features, as `cargo metadata` lists them.
fn packages() -> Vec<serde_json::Value> {
    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO")).args(arguments).current_dir(repository::path("")).output().unwrap();
        assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let version = cargo(&["version", "--verbose"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
    let metadata = cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--all-features",
        "--offline",
        "--locked",
        "--filter-platform",
        &host,
    ]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn every_dependency_has_an_allowed_licence() {
    let packages = packages();
    assert!(packages.len() > 100, "only {} packages were listed", packages.len());
    let mut refused = Vec::new();
    let mut excepted = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_default();
        if let Some(exception) = EXCEPTIONS.iter().find(|(excepted, of, _)| *excepted == name && *of == licence) {
            excepted.push(exception.0);
        } else if !is_allowed(licence) {
            refused.push(format!("{name}: {licence:?}"));
        }
    }
    assert!(refused.is_empty(), "licences that are not allowed:\n{}", refused.join("\n"));
    for (name, _, _) in EXCEPTIONS {
        assert!(excepted.contains(&name), "the exception for {name} is not needed any more");
    }
}

#[test]
fn the_licence_file_holds_both_texts() {
    let licence = repository::text("LICENSE");
    assert!(licence.contains("Permission is hereby granted, free of charge"));
    assert!(licence.contains("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION"));
    assert!(licence.contains("END OF TERMS AND CONDITIONS"));
}
