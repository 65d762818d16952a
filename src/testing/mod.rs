//! What benches and tests share: recordings with what is known about them, noise, and mixtures of both.
//!
//! Nothing here is part of a conversation. It is in the program because `herald bench` measures the machine it runs
//! on with the same material as the tests.

mod campaign;
mod clips;
mod mix;
mod noise;
mod nonspeech;
mod room;
mod scene;

pub use campaign::{CONTACTS, Provoked, provocation, provoke};
pub use clips::{Clip, ClipError, read_clips};
pub use mix::{level, mix};
pub use noise::{QuietNoise, babble, hiss, in_a_quiet_room};
pub use nonspeech::{Ambience, NonSpeech};
pub use room::{Acoustics, Room};
pub use scene::{Cast, Events, Recorded, Scene, Script};
