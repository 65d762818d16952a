//! What happened, in the past tense: all that a [`Dialogue`](super::Dialogue) learns of the world.

use crate::{
    config::Lang,
    intent::{Instruction, Intent, Mend, contacts::Resolution},
    suggest::Kind,
};

use super::{Debt, LastPaid, PayRefusal, Payout, Person, RecordingId, ReplyId, TimerId, TurnId, Verdict};

/// One utterance of the user, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// What it means.
    pub intent: Intent,
    /// What it says about the draft beside the intent.
    pub mend: Option<Mend>,
    /// Its content in the words one says to the recipient, where those differ (see
    /// [`rephrase`](crate::intent::rephrase)).
    pub rephrased: Option<String>,
    /// Mean probability of the transcript's tokens, 0 to 1; 1 for typed text.
    pub confidence: f32,
    /// Who is meant by each value of the slots `recipient` and `group`, in their order; by the letters of a name,
    /// where it was spelled.
    pub recipients: Vec<Resolution>,
    /// Who is meant by the slot `sender`.
    pub sender: Option<Resolution>,
    /// Its sound, where the network takes recordings.
    pub recording: Option<RecordingId>,
    /// The last reply that had begun when the user began to speak: a "yes" answers nothing later.
    pub after: Option<ReplyId>,
    /// What else could be heard while it was said.
    pub over: Option<Over>,
}

/// A sound that may itself be what was heard: no payment is begun or confirmed over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Herald's own voice.
    Herald,
    /// Music, a film, a recording.
    Media,
}

/// A message that somebody wrote and that was not read aloud yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The message's id in the inbox.
    pub id: String,
    /// Who wrote it.
    pub from: Person,
    /// What it is.
    pub kind: UnreadKind,
    /// Its text.
    pub body: String,
    /// The language of its text; `None` where there is none to tell.
    pub lang: Option<Lang>,
    /// What could be done because of it.
    pub offer: Option<Offer>,
}

/// What could be done because of a message, short enough to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What it is.
    pub kind: Kind,
    /// What comes of a yes.
    pub what: Offered,
}

/// What comes of a yes to an offer: a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// An answer with these words.
    Words(String),
    /// Where the user is.
    Place,
}

/// What somebody wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnreadKind {
    /// Words.
    #[default]
    Text,
    /// An emoji about another message.
    Reaction,
    /// A question with its answers.
    Poll,
    /// Where they are.
    Place,
    /// A recording; the text is what is said in it.
    Voice,
    /// A picture; the text is its caption.
    Picture,
    /// Another file; the text is its name.
    File,
    /// An invitation; the text is what the conversation is called.
    Invite,
}

/// A message that arrived, as it is told: nothing of its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Who wrote it.
    pub from: Person,
    /// Whose inbox it is in: what they are called.
    pub to: String,
    /// The first message of a visitor of the shop's page.
    pub is_visit: bool,
}

/// What was found in answer to [`Effect::Look`](super::Effect::Look).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// So much waits.
    Waiting {
        /// Messages that were not read.
        unread: u32,
        /// Confirmed messages that have not left.
        unsent: u32,
    },
    /// The last thing Herald did, if it remembers any.
    Why(Option<Why>),
    /// The audit trail is empty now.
    Forgotten,
    /// Somebody else speaks from now on.
    Speaker {
        /// What they are called.
        name: String,
        /// Messages they have not read.
        unread: u32,
    },
    /// Who said to speak shares nothing here.
    NoAccount(String),
    /// The debts that were asked for; none when nobody owes anything.
    Owed(Vec<Debt>),
    /// The last payment, if there was one.
    LastPaid(Option<LastPaid>),
}

/// Something Herald did, and why; each names whom it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Wrote to them, after a yes.
    Confirmed(String),
    /// Told that they had written, by the rules of the profile.
    Told(String),
    /// Did not tell, because of quiet hours.
    QuietHours(String),
    /// Did not tell, by the rules of the profile.
    Held(String),
    /// Answered by itself, because the user drives.
    Driving(String),
}

/// When a confirmed message leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// At once, or at the end of its undo window.
    Now,
    /// When there is a network again.
    Later,
}

/// How the last action was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It has not left.
    InTime,
    /// It had left and is deleted where it arrived; somebody may have read it.
    Afterwards,
}

/// What became of a confirmed message, when the user must be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Stuck for good.
    Wedged,
    /// Too old to be worth sending.
    Expired,
    /// They have no address on the network.
    NoAddress,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    // The user.
    /// The user began to speak.
    SpeechStarted,
    /// The user said something.
    Heard(Box<Heard>),
    /// The user said something to the house.
    Told(Instruction),
    /// A sound was no speech, or no word of it could be recognised.
    HeardNothing,

    // Herald's own voice.
    /// A reply was spoken to its end.
    Spoken(ReplyId),
    /// A reply was cut, or not spoken at all.
    Cut(ReplyId),

    // Results; those of an older turn are dropped.
    /// A confirmed action is on disk.
    Queued(TurnId, Leaves),
    /// A confirmed action could not be written: nothing will be sent.
    NotQueued(TurnId),
    /// The last action was stopped, or is being deleted.
    TakenBack(TurnId, Taken),
    /// The last action has left already.
    TooLate(TurnId),
    /// There is no action to stop.
    NothingToTakeBack(TurnId),
    /// The messages asked for with [`Effect::FetchUnread`](super::Effect::FetchUnread), oldest first.
    Fetched(TurnId, Vec<Unread>),
    /// What was looked for with [`Effect::Look`](super::Effect::Look).
    Found(TurnId, Finding),
    /// What the rules say of a payment.
    PaymentChecked(TurnId, Verdict),
    /// What became of a confirmed payment; told whatever is going on.
    Paid(TurnId, Payout),
    /// A request for a payment was noted, or why not.
    Requested(TurnId, Result<(), PayRefusal>),
    /// A PIN was entered on the page: whether it was the right one.
    PinGiven(TurnId, bool),

    // The world.
    /// A message arrived.
    Arrived(Post),
    /// Messages that arrived earlier are told together.
    Digest(Vec<Post>),
    /// A confirmed message will not be delivered.
    Failed(Person, Failure),
    /// The chat network does not know this device any more; what is confirmed waits.
    SignedOut,
    /// A timer ran out.
    TimerFired(TimerId),
}
