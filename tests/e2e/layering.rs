//! The house keeps its order: a module imports only from its left, no file grows too large, none is forgotten.

use std::collections::BTreeSet;

use crate::repository;

/// The modules in the order of the flow; each may import from those before it.
const ORDER: [&str; 16] = [
    "telemetry",
    "config",
    "store",
    "models",
    "audio",
    "listen",
    "asr",
    "intent",
    "suggest",
    "dialogue",
    "action",
    "speech",
    "companion",
    "runtime",
    "testing",
    "cli",
];

/// Lines a source file may have.
const LONGEST_FILE: usize = 600;

fn rank(module: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == module)
}

/// Returns the source without comments, so that a mention in the documentation is not an import.
fn without_comments(source: &str) -> String {
    source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Returns the first names of the paths that follow `root` in `code`: of `crate::a::b` it is `a`, of
/// `crate::{a, b::c}` both.
fn first_names(code: &str, root: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(root) {
        let is_end_of_word = code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        if is_end_of_word {
            continue;
        }
        let rest = code[at + root.len()..].trim_start();
        match rest.strip_prefix('{') {
            Some(group) => names.extend(group_names(group)),
            None => names.extend(first_word(rest)),
        }
    }
    names
}

/// Returns the first names of the members of a group, up to its closing brace.
fn group_names(group: &str) -> Vec<String> {
    let (mut depth, mut member, mut names) = (0_usize, String::new(), Vec::new());
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(first_word(&std::mem::take(&mut member))),
            _ if depth == 0 => member.push(letter),
            _ => {}
        }
    }
    names.extend(first_word(&member));
    names
}

fn first_word(path: &str) -> Option<String> {
    let word: String = path.trim().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    (!word.is_empty()).then_some(word)
}

/// Returns what a file of `module`, `depth` levels below the root, imports from the root.
fn imports(source: &str, depth: usize) -> BTreeSet<String> {
    let code = without_comments(source);
    let mut names = first_names(&code, "crate::");
    names.extend(first_names(&code, &"super::".repeat(depth)).into_iter().filter(|name| rank(name).is_some()));
    names
}

#[test]
fn imports_are_found_in_every_way_they_can_be_written() {
    let source = "use crate::{\n    asr::{Transcript, x::Y},\n    config::Lang, // not crate::cli\n    store,\n};\n\
                  /// See [`crate::runtime`].\nfn f() -> crate::models::Model { $crate::audio::f() }\nuse mycrate::speech;\n\
                  use super::super::dialogue::Event;\n";
    let found = imports(source, 2);
    assert_eq!(
        found.iter().map(String::as_str).collect::<Vec<_>>(),
        ["asr", "audio", "config", "dialogue", "models", "store"]
    );
}

#[test]
fn a_module_imports_only_from_its_left() {
    let root = repository::path("src");
    let mut wrong = Vec::new();
    let mut checked = 0;
    for file in repository::files(&root, ".rs") {
        let below = file.strip_prefix(&root).unwrap();
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let [module, .., last] = parts.as_slice() else { continue };
        let here = rank(module).unwrap_or_else(|| panic!("src/{module} has no place in the order of the modules"));
        let depth = if last == "mod.rs" { parts.len() - 1 } else { parts.len() };
        for import in imports(&std::fs::read_to_string(&file).unwrap(), depth) {
            let allowed = import == *module || rank(&import).is_some_and(|there| there < here);
            if !allowed {
                wrong.push(format!("{} imports {import}", below.display()));
            }
        }
        checked += 1;
    }
    assert!(checked > 20, "only {checked} files were found");
    assert!(wrong.is_empty(), "imports from the right of the order {ORDER:?}:\n{}", wrong.join("\n"));
}

#[test]
fn the_library_declares_its_modules_in_the_order_of_the_flow() {
    let library = repository::text("src/lib.rs");
    let declared: Vec<_> =
        library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let expected: Vec<_> = ORDER.into_iter().filter(|module| declared.contains(module)).collect();
    assert_eq!(declared, expected);
}

#[test]
fn no_source_file_is_longer_than_a_reader_can_hold() {
    let mut long = Vec::new();
    for folder in ["src", "tests"] {
        for file in repository::files(&repository::path(folder), ".rs") {
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            if lines > LONGEST_FILE {
                long.push(format!("{}: {lines} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "split by responsibility (at most {LONGEST_FILE} lines):\n{}", long.join("\n"));
}

#[test]
fn every_file_of_the_integration_tests_is_listed() {
    let list = repository::text("tests/e2e/main.rs");
    for entry in std::fs::read_dir(repository::path("tests/e2e")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        if is_source && name != "main" {
            assert!(list.contains(&format!("mod {name};")), "tests/e2e/main.rs does not list {name}");
        }
    }
}
