//! Words by which the parts of a sentence are told apart, as the features see them: folded.

use crate::config::Lang;

/// Words for several people talking, in both languages.
pub(super) const GROUPS: [&str; 16] = [
    "group",
    "chat",
    "thread",
    "conversation",
    "channel",
    "team",
    "chats",
    "threads",
    "groups",
    "room",
    "groupe",
    "discussion",
    "fil",
    "tchat",
    "canal",
    "equipe",
];

/// What a message is made of other than words, in both languages.
pub(super) const MEDIA: [&str; 12] =
    ["video", "voice", "picture", "photo", "gif", "pic", "image", "vocal", "audio", "snap", "selfie", "photos"];

/// Words between the names of a list, in both languages.
pub(super) const JOINS: [&str; 2] = ["and", "et"];

/// Words that mark where a part of a sentence begins.
pub(super) const fn marks(lang: Lang) -> &'static [&'static str] {
    match lang {
        Lang::En => &[
            "to", "for", "that", "if", "saying", "says", "from", "in", "on", "with", "about", "and", "asking", "ask",
            "tell", "telling", "let", "know", "message", "text", "send", "call", "by", "via", "using", "whether", "of",
            "at", "when", "what", "how", "where", "why", "who", "messages", "texts", "group", "reaction", "react",
        ],
        Lang::Fr => &[
            "a",
            "au",
            "aux",
            "de",
            "d'",
            "du",
            "que",
            "qu'",
            "pour",
            "disant",
            "dire",
            "dis",
            "lui",
            "leur",
            "si",
            "s'",
            "avec",
            "sur",
            "dans",
            "par",
            "et",
            "demande",
            "demander",
            "demandant",
            "message",
            "texto",
            "sms",
            "appelle",
            "appeler",
            "appel",
            "groupe",
            "messages",
            "envoie",
            "envoyer",
            "via",
            "en",
            "ou",
            "quand",
            "comment",
            "pourquoi",
            "quel",
            "quelle",
            "qui",
            "reaction",
        ],
    }
}

/// Words after which a message's words mostly follow.
pub(super) const fn sayings(lang: Lang) -> &'static [&'static str] {
    match lang {
        Lang::En => &[
            "that", "if", "saying", "says", "asking", "ask", "telling", "tell", "know", "whether", "what", "when",
            "where", "why", "how", "about", "and",
        ],
        Lang::Fr => &[
            "que",
            "qu'",
            "disant",
            "dire",
            "dis",
            "si",
            "s'",
            "demande",
            "demander",
            "demandant",
            "quand",
            "comment",
            "pourquoi",
            "quel",
            "quelle",
            "ou",
            "et",
            "indiquant",
            "informer",
            "prevenir",
            "rappeler",
        ],
    }
}

/// Words of politeness and wishes that come before a command.
pub(super) const fn leading(lang: Lang) -> &'static [&'static str] {
    match lang {
        Lang::En => &[
            "please", "can", "could", "would", "will", "you", "i", "want", "need", "to", "id", "like", "hey", "ok",
            "okay", "so", "well", "now", "just", "go", "ahead", "and", "lets", "kindly", "wanna", "have", "help", "me",
            "hi", "hello", "herald", "oh", "alright", "yes", "also", "then", "may", "should", "must", "gonna", "siri",
            "alexa", "google", "phone",
        ],
        Lang::Fr => &[
            "s'il",
            "te",
            "vous",
            "plait",
            "s'",
            "il",
            "peux",
            "tu",
            "pouvez",
            "pourrais",
            "pourriez",
            "je",
            "veux",
            "voudrais",
            "j'",
            "aimerais",
            "faut",
            "dois",
            "est",
            "ce",
            "que",
            "bonjour",
            "salut",
            "herald",
            "on",
            "va",
            "allez",
            "vas",
            "y",
            "ok",
            "alors",
            "bon",
            "veuillez",
            "merci",
            "de",
            "d'",
            "souhaite",
            "ai",
            "besoin",
            "envie",
            "pourrait",
            "peut",
            "maintenant",
            "et",
            "puis",
            "qu'",
            "voulez",
            "m'",
            "hey",
        ],
    }
}
