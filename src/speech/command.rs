//! Any external program as a voice: `speech.command`, text in, WAV out.
//!
//! The words of the command are split as a shell would (crate `shlex`), but no shell runs. The program is started anew
//! for each clause: it reads the text from its standard input and writes a WAV to its standard output. What it writes to
//! its standard error could be the text, and goes nowhere.

use std::{path::Path, time::Duration};

use super::{
    Clip, SpeechError, Synthesizer,
    child::{self, ChildError},
    clause, wav,
};
use crate::config::Lang;

/// Its name in the configuration.
pub(super) const ENGINE: &str = "command";
/// Stands for the language in a word of the command; the program also finds it in this variable.
const LANG_MARK: &str = "{lang}";
const LANG_VARIABLE: &str = "HERALD_LANG";
/// For one clause, the start of the program included.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The program of the configuration.
#[derive(Debug)]
pub(super) struct Command {
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
}

impl Command {
    /// Takes the command apart.
    ///
    /// # Errors
    /// [`SpeechError::Missing`] when it is empty, has a quote that is not closed, or names a program that is not there.
    pub(super) fn open(command: &str) -> Result<Self, SpeechError> {
        let words = shlex::split(command).ok_or_else(|| missing("a quote in [speech] command is not closed"))?;
        let mut words = words.into_iter();
        let program = words.next().ok_or_else(|| {
            missing("name a program in [speech] command: text on its standard input, WAV on its output")
        })?;
        if !is_there(&program) {
            return Err(missing(&format!("there is no program {program}, which [speech] command names")));
        }
        Ok(Self { program, arguments: words.collect(), timeout: TIMEOUT })
    }

    fn render(&self, text: &str, lang: Lang) -> Result<Clip, SpeechError> {
        let arguments: Vec<String> =
            self.arguments.iter().map(|argument| argument.replace(LANG_MARK, lang.code())).collect();
        let env = [(LANG_VARIABLE, lang.code())];
        let answer = child::run(self.program.as_ref(), &arguments, &env, text, self.timeout).map_err(|error| {
            let what = match error {
                ChildError::NotFound => "not found".to_owned(),
                ChildError::TimedOut(_) | ChildError::Failed(_) | ChildError::Io(_) => error.to_string(),
            };
            self.failed(&what)
        })?;
        wav::clip(&answer).ok_or_else(|| self.failed("its answer is not a WAV"))
    }

    fn failed(&self, what: &str) -> SpeechError {
        SpeechError::Engine { engine: ENGINE, reason: format!("{}: {what}", self.program) }
    }
}

/// Tells whether a program can be found: by its path, or in one of the directories of `PATH`.
fn is_there(program: &str) -> bool {
    if program.contains('/') {
        return Path::new(program).is_file();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

fn missing(reason: &str) -> SpeechError {
    SpeechError::Missing { engine: ENGINE, reason: reason.to_owned() }
}

impl Synthesizer for Command {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn voice(&self, _: Lang) -> String {
        let name = Path::new(&self.program).file_name().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| self.program.clone())
    }

    fn synthesize(&mut self, text: &str, lang: Lang, play: &mut dyn FnMut(Clip)) -> Result<(), SpeechError> {
        clause::in_turn(text, play, |clause| self.render(clause, lang))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::espeak;

    fn clips(command: &str, lang: Lang) -> Result<Vec<Clip>, SpeechError> {
        let mut clips = Vec::new();
        let mut command = Command { timeout: Duration::from_millis(500), ..Command::open(command).unwrap() };
        command.synthesize("The first clause. The second clause.", lang, &mut |clip| clips.push(clip))?;
        Ok(clips)
    }

    #[test]
    fn a_program_speaks_clause_by_clause_in_the_language_it_is_told() {
        if !espeak::installed() {
            println!("skipped: no espeak-ng");
            return;
        }
        let english = clips("espeak-ng --stdin --stdout -v {lang}", Lang::En).unwrap();
        let french = clips("espeak-ng --stdin --stdout -v {lang}", Lang::Fr).unwrap();
        assert_eq!((english.len(), french.len()), (2, 2));
        assert_ne!(english, french);
        let by_variable = clips("sh -c 'exec espeak-ng --stdin --stdout -v $HERALD_LANG'", Lang::Fr).unwrap();
        assert_eq!(by_variable, french);
    }

    #[test]
    fn what_goes_wrong_is_said_without_the_text() {
        for (command, said) in [
            ("sh -c 'cat >&2; exit 3'", "exit status: 3"),
            ("cat", "its answer is not a WAV"),
            ("sleep 600", "no answer within 500 ms"),
        ] {
            let error = clips(command, Lang::En).unwrap_err().to_string();
            assert!(error.contains(said) && !error.contains("clause"), "{command}: {error}");
        }
    }

    #[test]
    fn a_command_that_cannot_run_says_what_to_mend() {
        for (command, said) in [
            ("", "[speech] command"),
            ("espeak-ng 'x", "quote"),
            ("no-such-voice --fast", "no-such-voice"),
            ("/no/such/voice", "/no/such/voice"),
        ] {
            let error = Command::open(command).unwrap_err().to_string();
            assert!(error.contains(said), "{command}: {error}");
        }
    }
}
