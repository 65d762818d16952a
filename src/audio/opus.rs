//! A voice as chat networks send it: Opus in an Ogg file.
//!
//! `opusic-c` (BSD-3-Clause) binds the same libopus that `symphonia-adapter-libopus` decodes with, so it is built once;
//! no encoder in Rust is finished. `ogg` (BSD-3-Clause) is the container's own crate in Rust. What they leave open is
//! RFC 7845: the two header packets, and positions in samples at 48 kHz with the encoder's delay before the first.

use ogg::writing::{PacketWriteEndInfo, PacketWriter};
use opusic_c::{Application, Bitrate, Channels, Encoder, SampleRate};

use super::RATE_HZ;

/// Samples of a packet: 20 ms.
const PACKET_SAMPLES: usize = 320;
/// Ogg counts Opus in samples of 48 kHz.
const OGG_RATE: u64 = 48_000 / RATE_HZ as u64;
/// Bits a second: a clear voice at 16 kHz (RFC 7587 recommends 16 to 20 kbit/s for it).
const BITRATE: u32 = 20_000;
/// Longer than any packet of 20 ms.
const PACKET_BYTES: usize = 1_275;
/// Any number names the one stream of a file.
const SERIAL: u32 = 1;

/// Writes mono 16 kHz samples as an Ogg Opus file; `None` when the encoder fails.
pub fn to_ogg_opus(samples: &[f32]) -> Option<Vec<u8>> {
    let mut encoder = Encoder::new(Channels::Mono, SampleRate::Hz16000, Application::Voip).ok()?;
    encoder.set_bitrate(Bitrate::Value(BITRATE)).ok()?;
    let delay = encoder.get_look_ahead().ok()? as usize;
    let mut file = PacketWriter::new(Vec::new());
    let skip = u16::try_from(delay as u64 * OGG_RATE).ok()?;
    file.write_packet(header(skip), SERIAL, PacketWriteEndInfo::EndPage, 0).ok()?;
    file.write_packet(comments(), SERIAL, PacketWriteEndInfo::EndPage, 0).ok()?;
    // The encoder hands the last samples out when as much follows them as its delay.
    let total = samples.len() + delay;
    let packets = total.div_ceil(PACKET_SAMPLES).max(1);
    let mut packet = [0.0; PACKET_SAMPLES];
    let mut bytes = [0; PACKET_BYTES];
    for number in 1..=packets {
        let from = samples.iter().skip((number - 1) * PACKET_SAMPLES).copied();
        packet.iter_mut().zip(from.chain(std::iter::repeat(0.0))).for_each(|(to, sample)| *to = sample);
        let length = encoder.encode_float_to_slice(&packet, &mut bytes).ok()?;
        let is_last = number == packets;
        let position = if is_last { total } else { number * PACKET_SAMPLES } as u64 * OGG_RATE;
        let end = if is_last { PacketWriteEndInfo::EndStream } else { PacketWriteEndInfo::NormalPacket };
        file.write_packet(bytes.get(..length)?.to_vec(), SERIAL, end, position).ok()?;
    }
    Some(file.into_inner())
}

/// RFC 7845, 5.1: version 1, one channel, what to skip, the rate there was, no gain, mono or stereo.
fn header(skip: u16) -> Vec<u8> {
    let rate = RATE_HZ.to_le_bytes();
    [b"OpusHead\x01\x01".as_slice(), &skip.to_le_bytes(), &rate, &[0, 0, 0]].concat()
}

/// RFC 7845, 5.2: who wrote it, and no comment.
fn comments() -> Vec<u8> {
    const VENDOR: &[u8] = b"Herald";
    [b"OpusTags".as_slice(), &(VENDOR.len() as u32).to_le_bytes(), VENDOR, &0_u32.to_le_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::read_file;

    #[test]
    fn a_voice_comes_back_as_long_and_as_loud() {
        let tone = |at: usize| 0.3 * (at as f32 * std::f32::consts::TAU * 440.0 / 16_000.0).sin();
        let dir = tempfile::tempdir().unwrap();
        for length in [1, 320, 16_000, 50_123] {
            let samples: Vec<f32> = (0..length).map(tone).collect();
            let path = dir.path().join("voice.ogg");
            std::fs::write(&path, to_ogg_opus(&samples).unwrap()).unwrap();
            let (mut file, mut heard) = (read_file(&path).unwrap(), Vec::new());
            while file.read(&mut heard) {}
            assert!(heard.len().abs_diff(length) <= 16, "{length}: {}", heard.len());
            if length > 16_000 {
                let power = |part: &[f32]| part.iter().map(|sample| sample * sample).sum::<f32>() / part.len() as f32;
                let ratio = power(&heard[8_000..16_000]) / power(&samples[8_000..16_000]);
                assert!((0.8..1.25).contains(&ratio), "{ratio}");
            }
        }
    }

    #[test]
    fn silence_of_no_length_is_a_file_all_the_same() {
        assert!(to_ogg_opus(&[]).is_some());
    }
}
