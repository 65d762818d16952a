//! `herald setup`: the first steps, question by question. Nothing is written before the last answer.

use std::env;

use super::{
    changes::{self, Change},
    sentences as say, sound,
    talk::{self, Talk},
};
use crate::{
    audio::Direction,
    cli::{CommandError, Context, Global, say::play},
    config::{Lang, LangChoice, Wake},
    speech::{Engine, installed_voices},
};

const LANGUAGES: [LangChoice; 3] = [LangChoice::En, LangChoice::Fr, LangChoice::Auto];

pub(super) fn run(global: &Global) -> Result<(), CommandError> {
    let global = global.clone();
    talk::hold(system_lang(), move |talk| walk(talk, global))
}

fn walk(mut talk: Talk, global: Global) -> Result<(), CommandError> {
    // Language and voice of the command line are for this conversation; what is kept is asked.
    let asked_for = global.lang;
    let lasting = Global { lang: None, voice: None, ..global };
    let (mut context, file) = Context::load_to_configure(&lasting)?;
    let before = context.config.clone();

    let general = &mut context.config.general;
    general.lang = ask_language(&mut talk, asked_for.unwrap_or(general.lang))?;
    sound::set_up(&talk, &mut context, Direction::Input)?;
    sound::set_up(&talk, &mut context, Direction::Output)?;
    let spoken = context.config.general.lang.fixed().map_or(Lang::ALL.to_vec(), |lang| vec![lang]);
    for lang in spoken {
        ask_voice(&talk, &mut context, lang)?;
    }
    context.config.listen.wake = ask_wake(&talk, &context)?;
    context.config.general.owner = ask_owner(&talk, &context)?;
    ask_network(&talk, &mut context)?;

    let changes = changes::changes(&before, &context.config);
    if changes.is_empty() {
        talk.tell(say::NO_CHANGE)?;
        return talk.tell(say::NEXT);
    }
    talk.tell_with(say::CHANGES, &[&file.display().to_string()])?;
    for Change { section, key, old, new } in &changes {
        talk.tell_with(say::CHANGE, &[section, key, &format!("{new:?}"), &format!("{old:?}")])?;
    }
    if talk.choose_of(say::WRITE, &[say::YES, say::NO])? != 0 {
        return talk.tell(say::ENDED);
    }
    talk.shield();
    changes::write(&file, &changes)?;
    talk.tell(say::WRITTEN)?;
    talk.tell(say::NEXT)
}

/// The language of the system, for as long as none was chosen.
fn system_lang() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(env::var_os).find(|value| !value.is_empty());
    let is_french = set.is_some_and(|value| value.to_string_lossy().starts_with("fr"));
    if is_french { Lang::Fr } else { Lang::En }
}

fn ask_language(talk: &mut Talk, present: LangChoice) -> Result<LangChoice, CommandError> {
    talk.tell(say::BEGIN)?;
    let preset = LANGUAGES.iter().position(|lang| *lang == present).unwrap_or_default();
    let chosen = talk.choose(say::LANGUAGE, &say::LANGUAGES, preset)?;
    let chosen = LANGUAGES[chosen];
    if let Some(lang) = chosen.fixed() {
        talk.turn_to(lang);
    }
    Ok(chosen)
}

/// Asks for the voice of a language, where there is a choice; what is new is heard before it is kept.
fn ask_voice(talk: &Talk, context: &mut Context, lang: Lang) -> Result<(), CommandError> {
    let engine: Engine = context.config.speech.engine.parse()?;
    let installed = installed_voices(engine, &context.dirs.models, lang);
    if installed.len() < 2 {
        return Ok(());
    }
    let question = match lang {
        Lang::En => say::VOICE_EN,
        Lang::Fr => say::VOICE_FR,
    };
    let present = voice(context, lang).clone();
    let mut names = vec![String::new()];
    names.extend(installed.iter().map(|spoken| spoken.voice.clone()));
    if !names.contains(&present) {
        names.push(present.clone());
    }
    let label = |name: &String| match installed.iter().find(|spoken| spoken.voice == *name) {
        Some(spoken) => format!("{} {}", spoken.engine, spoken.voice),
        None if name.is_empty() => talk.text(say::BEST_VOICE).to_owned(),
        None => name.clone(),
    };
    let labels: Vec<String> = names.iter().map(label).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    loop {
        let preset = names.iter().position(|name| *name == *voice(context, lang)).unwrap_or_default();
        let chosen = &names[talk.choose(talk.text(question), &labels, preset)?];
        voice(context, lang).clone_from(chosen);
        if *chosen == present || is_kept(talk, context, lang)? {
            return Ok(());
        }
    }
}

/// Plays the voice until the person keeps it (true) or wants another one.
fn is_kept(talk: &Talk, context: &Context, lang: Lang) -> Result<bool, CommandError> {
    loop {
        if let Err(error) = play(context, say::SAMPLE.of(lang), lang) {
            talk.show(error)?;
        }
        talk.forget_typed();
        match talk.choose_of(say::THIS_VOICE, &[say::YES_GO_ON, say::TRY_AGAIN, say::ANOTHER_VOICE])? {
            0 => return Ok(true),
            1 => {}
            _ => return Ok(false),
        }
    }
}

const fn voice(context: &mut Context, lang: Lang) -> &mut String {
    match lang {
        Lang::En => &mut context.config.speech.voice_en,
        Lang::Fr => &mut context.config.speech.voice_fr,
    }
}

fn ask_wake(talk: &Talk, context: &Context) -> Result<Wake, CommandError> {
    let listen = &context.config.listen;
    let mut ways = vec![
        (Wake::Transcript, talk.text(say::BY_NAME).to_owned()),
        (Wake::Button, talk.text(say::BY_BUTTON).to_owned()),
    ];
    if listen.wake == Wake::Keyword {
        ways.push((Wake::Keyword, say::BY_WORD.with(talk.lang(), &[&listen.wake_words.join(", ")])));
    }
    let preset = ways.iter().position(|(wake, _)| *wake == listen.wake).unwrap_or_default();
    let labels: Vec<&str> = ways.iter().map(|(_, label)| label.as_str()).collect();
    Ok(ways[talk.choose(talk.text(say::CALLED), &labels, preset)?].0)
}

fn ask_owner(talk: &Talk, context: &Context) -> Result<String, CommandError> {
    let general = &context.config.general;
    loop {
        let owner = talk.ask(say::OWNER, &general.owner)?;
        if owner.is_empty() {
            return Ok(general.owner.clone());
        }
        if !general.accounts.iter().any(|account| account.to_lowercase() == owner.to_lowercase()) {
            return Ok(owner);
        }
        talk.tell_with(say::OWNER_IS_ACCOUNT, &[&owner])?;
    }
}

#[cfg(feature = "matrix")]
fn ask_network(talk: &Talk, context: &mut Context) -> Result<(), CommandError> {
    use crate::config::NetworkKind;

    let network = &mut context.config.action.network;
    let preset = usize::from(*network == NetworkKind::Matrix);
    let labels = [say::LOCAL, say::MATRIX].map(|label| talk.text(label));
    match talk.choose(talk.text(say::NETWORK), &labels, preset)? {
        0 => *network = NetworkKind::Local,
        _ if super::matrix::walk(talk, &context.dirs.data)? => *network = NetworkKind::Matrix,
        // Without a sign-in it stays what it was.
        _ => {}
    }
    Ok(())
}

#[cfg(not(feature = "matrix"))]
fn ask_network(talk: &Talk, _: &mut Context) -> Result<(), CommandError> {
    talk.tell(say::NOT_BUILT)
}
