//! What `herald setup` says, in both languages.

use crate::config::Lang;

/// A sentence in each language; `{}` is filled in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sentence {
    en: &'static str,
    fr: &'static str,
}

impl Sentence {
    /// A sentence whose languages have gaps for the same values: all of them are constants, so the compiler checks it.
    const fn new(en: &'static str, fr: &'static str) -> Self {
        assert!(gaps(en) == gaps(fr), "the languages differ in what is filled in");
        Self { en, fr }
    }

    pub(super) const fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Fr => self.fr,
        }
    }

    /// Fills in a value for each `{}`, in their order.
    pub(super) fn with(self, lang: Lang, values: &[&str]) -> String {
        let mut parts = self.of(lang).split("{}");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.zip(values).fold(first, |text, (part, value)| text + *value + part)
    }
}

const fn gaps(text: &str) -> usize {
    let (bytes, mut at, mut count) = (text.as_bytes(), 0, 0);
    while at < bytes.len() {
        if bytes[at] == b'{' {
            count += 1;
        }
        at += 1;
    }
    count
}

/// Asked before there is a language: in both.
pub(super) const LANGUAGE: &str = "Language / Langue";
pub(super) const LANGUAGES: [&str; 3] =
    ["English", "Français", "English and French, whichever is spoken / Les deux, selon la phrase"];

pub(super) const BEGIN: Sentence = Sentence::new(
    "Enter keeps what is there, Ctrl-C leaves everything as it was.",
    "Entrée garde ce qui est là, Ctrl-C laisse tout comme c'était.",
);
pub(super) const ENDED: Sentence = Sentence::new(
    "Setup was ended; the configuration is as it was.",
    "La mise en route est arrêtée ; la configuration est restée comme elle était.",
);

pub(super) const MICROPHONE: Sentence = Sentence::new("Microphone", "Micro");
pub(super) const NO_MICROPHONE: Sentence = Sentence::new(
    "There is no microphone: plug one in and call `herald setup` again. Everything else goes on.",
    "Il n'y a pas de micro : branchez-en un et relancez `herald setup`. Le reste continue.",
);
pub(super) const SPEAK: Sentence =
    Sentence::new("Say something, for example your name:", "Dites quelque chose, par exemple votre nom :");
pub(super) const HEARD: Sentence = Sentence::new("I hear you.", "Je vous entends.");
pub(super) const NOT_HEARD: Sentence =
    Sentence::new("I hear nothing: is it muted?", "Je n'entends rien : est-il coupé ?");

pub(super) const LOUDSPEAKER: Sentence = Sentence::new("Loudspeaker", "Haut-parleur");
pub(super) const NO_LOUDSPEAKER: Sentence = Sentence::new(
    "There is no loudspeaker: plug one in and call `herald setup` again. Everything else goes on.",
    "Il n'y a pas de haut-parleur : branchez-en un et relancez `herald setup`. Le reste continue.",
);
pub(super) const SAMPLE: Sentence = Sentence::new("This is Herald.", "Ici Herald.");
pub(super) const DID_YOU_HEAR: Sentence = Sentence::new("Did you hear \"{}\"", "Avez-vous entendu « {} »");

pub(super) const SYSTEM_DEFAULT: Sentence = Sentence::new("{} (the system's default)", "{} (par défaut du système)");
pub(super) const THE_DEFAULT: Sentence = Sentence::new("the system's default", "celui par défaut du système");
pub(super) const NOT_THERE: Sentence = Sentence::new("{} (not there now)", "{} (absent en ce moment)");

pub(super) const GO_ON: Sentence = Sentence::new("go on", "continuer");
pub(super) const YES_GO_ON: Sentence = Sentence::new("yes, go on", "oui, continuer");
pub(super) const TRY_AGAIN: Sentence = Sentence::new("try again", "réessayer");
pub(super) const ANOTHER: Sentence = Sentence::new("another one", "en choisir un autre");
pub(super) const WHAT_NOW: Sentence = Sentence::new("What now", "Que faire");

pub(super) const VOICE_EN: Sentence = Sentence::new("English voice", "Voix anglaise");
pub(super) const VOICE_FR: Sentence = Sentence::new("French voice", "Voix française");
pub(super) const BEST_VOICE: Sentence = Sentence::new("the best installed", "la meilleure installée");
pub(super) const THIS_VOICE: Sentence = Sentence::new("This voice", "Cette voix");
pub(super) const ANOTHER_VOICE: Sentence = Sentence::new("another voice", "une autre voix");

pub(super) const CALLED: Sentence = Sentence::new("How is Herald called", "Comment appeler Herald");
pub(super) const BY_NAME: Sentence =
    Sentence::new("by \"Herald\" at the beginning of a sentence", "par « Herald » au début d'une phrase");
pub(super) const BY_BUTTON: Sentence = Sentence::new(
    "by a button that opens the microphone: all it hears is for Herald",
    "par un bouton qui ouvre le micro : tout ce qu'il entend est pour Herald",
);
pub(super) const BY_WORD: Sentence = Sentence::new("by its wake words: {}", "par ses mots d'éveil : {}");
pub(super) const OWNER: Sentence =
    Sentence::new("Your name, as others see it", "Votre nom, tel que les autres le voient");
pub(super) const OWNER_IS_ACCOUNT: Sentence = Sentence::new(
    "{} is already among the others who share this device.",
    "{} est déjà parmi les autres personnes de cet appareil.",
);

#[cfg(feature = "matrix")]
pub(super) const NETWORK: Sentence = Sentence::new("Chat network", "Réseau de messagerie");
#[cfg(feature = "matrix")]
pub(super) const LOCAL: Sentence = Sentence::new(
    "local: the household's own conversations on this device",
    "local : les conversations de la maison, sur cet appareil",
);
#[cfg(feature = "matrix")]
pub(super) const MATRIX: Sentence = Sentence::new("Matrix, end-to-end encrypted", "Matrix, chiffré de bout en bout");
#[cfg(not(feature = "matrix"))]
pub(super) const NOT_BUILT: Sentence = Sentence::new(
    "Messages stay on this device. For Matrix, install the package, or build with `make run FEATURES=matrix`.",
    "Les messages restent sur cet appareil. Pour Matrix, installez le paquet, ou compilez avec `make run FEATURES=matrix`.",
);
#[cfg(feature = "matrix")]
pub(super) const HOMESERVER: Sentence = Sentence::new(
    "Homeserver, such as https://matrix.org (Enter: no sign-in)",
    "Serveur, par exemple https://matrix.org (Entrée : pas de connexion)",
);
#[cfg(feature = "matrix")]
pub(super) const USER: Sentence = Sentence::new("User", "Utilisateur");
#[cfg(feature = "matrix")]
pub(super) const PASSWORD: Sentence = Sentence::new("Password", "Mot de passe");
#[cfg(feature = "matrix")]
pub(super) const SIGNED_IN: Sentence =
    Sentence::new("Signed in as {}, device {}.", "Connecté en tant que {}, appareil {}.");

#[cfg(feature = "matrix")]
pub(super) const RECOVERY_KEY: Sentence = Sentence::new(
    "This is the recovery key of your account. Write it down: it is shown once and kept nowhere.\n    {}",
    "Voici la clé de récupération de ton compte. Note-la : elle n'est montrée qu'une fois, et gardée nulle part.\n    {}",
);
#[cfg(feature = "matrix")]
pub(super) const NOT_TRUSTED: Sentence = Sentence::new(
    "Your other devices do not trust this one yet: `herald setup matrix --recover` or `--verify` does that.",
    "Tes autres appareils ne font pas encore confiance à celui-ci : `herald setup matrix --recover` ou `--verify` s'en charge.",
);

pub(super) const NO_CHANGE: Sentence = Sentence::new("Nothing changes.", "Rien ne change.");
pub(super) const CHANGES: Sentence = Sentence::new("This changes in {}:", "Ceci change dans {} :");
pub(super) const CHANGE: Sentence = Sentence::new("  [{}] {} = {}   (was {})", "  [{}] {} = {}   (avant : {})");
pub(super) const WRITE: Sentence = Sentence::new("Write it", "L'écrire");
pub(super) const YES: Sentence = Sentence::new("yes", "oui");
pub(super) const NO: Sentence = Sentence::new("no, leave everything as it was", "non, tout laisser comme c'était");
pub(super) const WRITTEN: Sentence = Sentence::new("Written.", "C'est écrit.");
pub(super) const NEXT: Sentence = Sentence::new(
    "Next: `herald doctor` checks everything, `herald run --show` begins.",
    "Ensuite : `herald doctor` vérifie tout, `herald run --show` commence.",
);
