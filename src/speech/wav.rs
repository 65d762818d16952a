//! WAV files as programs write them to a pipe: the length in the header is a guess, often larger than what comes.

use std::io::Cursor;

use hound::{SampleFormat, WavReader};

use super::Clip;

/// Reads a WAV of any width and any number of channels; `None` for what is no WAV or holds no sound.
pub(super) fn clip(wav: &[u8]) -> Option<Clip> {
    let mut wav = wav.to_vec();
    mend_length(&mut wav)?;
    let mut reader = WavReader::new(Cursor::new(wav)).ok()?;
    let spec = reader.spec();
    let samples: Vec<f32> = match spec.sample_format {
        SampleFormat::Float => reader.samples::<f32>().map_while(Result::ok).collect(),
        SampleFormat::Int => {
            #[allow(clippy::cast_precision_loss, reason = "samples have at most 32 bits, and 24 are heard")]
            let scaled = |sample: i32| sample as f32 / 2.0_f32.powi(i32::from(spec.bits_per_sample) - 1);
            reader.samples::<i32>().map_while(Result::ok).map(scaled).collect()
        }
    };
    let channels = usize::from(spec.channels.max(1));
    let samples: Vec<f32> = samples
        .chunks_exact(channels)
        .map(|frame| (frame.iter().sum::<f32>() / f32::from(spec.channels.max(1))).clamp(-1.0, 1.0))
        .map(|sample| if sample.is_nan() { 0.0 } else { sample })
        .collect();
    (spec.sample_rate > 0 && !samples.is_empty()).then_some(Clip { rate_hz: spec.sample_rate, samples })
}

/// Makes the length of the data the one of what is there, in whole frames; `None` if there is no data.
fn mend_length(wav: &mut [u8]) -> Option<()> {
    let mut at = 12;
    let mut frame = 1;
    loop {
        let head = wav.get(at..at + 8)?;
        let length = u32::from_le_bytes(head[4..8].try_into().ok()?);
        match &head[..4] {
            b"fmt " => frame = usize::from(u16::from_le_bytes(wav.get(at + 20..at + 22)?.try_into().ok()?)).max(1),
            b"data" => {
                let there = wav.len() - at - 8;
                let whole = there.min(usize::try_from(length).ok()?) / frame * frame;
                let whole = u32::try_from(whole).ok()?.to_le_bytes();
                wav.get_mut(at + 4..at + 8)?.copy_from_slice(&whole);
                return Some(());
            }
            _ => {}
        }
        // Chunks begin at even places.
        at = at.checked_add(8)?.checked_add(usize::try_from(length).ok()?.next_multiple_of(2))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(spec: hound::WavSpec, write: impl Fn(&mut hound::WavWriter<&mut Cursor<Vec<u8>>>)) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
        write(&mut writer);
        writer.finalize().unwrap();
        file.into_inner()
    }

    #[test]
    fn any_width_and_any_number_of_channels_is_read() {
        for (bits_per_sample, sample_format) in
            [(8, SampleFormat::Int), (16, SampleFormat::Int), (24, SampleFormat::Int), (32, SampleFormat::Float)]
        {
            let spec = hound::WavSpec { channels: 2, sample_rate: 22_050, bits_per_sample, sample_format };
            let bytes = wav(spec, |writer| {
                for _ in 0..100 {
                    match sample_format {
                        SampleFormat::Float => [0.5_f32, 0.0].map(|sample| writer.write_sample(sample).unwrap()),
                        SampleFormat::Int => {
                            [1 << (bits_per_sample - 2), 0].map(|sample: i32| writer.write_sample(sample).unwrap())
                        }
                    };
                }
            });
            let clip = clip(&bytes).unwrap();
            assert_eq!((clip.rate_hz, clip.samples.len()), (22_050, 100), "{bits_per_sample}");
            assert!((clip.samples[50] - 0.25).abs() < 0.01, "{bits_per_sample}: {}", clip.samples[50]);
        }
    }

    #[test]
    fn a_header_that_claims_more_than_there_is_gives_what_there_is() {
        let spec =
            hound::WavSpec { channels: 1, sample_rate: 16_000, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut bytes = wav(spec, |writer| (0..100).for_each(|_| writer.write_sample(9_000_i16).unwrap()));
        for claimed in [u32::MAX, 0x7fff_f000] {
            bytes[40..44].copy_from_slice(&claimed.to_le_bytes());
            assert_eq!(clip(&bytes).unwrap().samples.len(), 100);
            // Cut in the middle of a sample.
            assert_eq!(clip(&bytes[..bytes.len() - 1]).unwrap().samples.len(), 99);
        }
    }

    #[test]
    fn an_answer_that_is_not_audio_is_refused() {
        for bytes in [
            &b""[..],
            b"RIFF1234WAVE",
            b"RIFF1234WAVEdata\0\0\0\0",
            &[0; 100],
            b"RIFF\x24\0\0\0WAVEfmt \xff\xff\xff\xff",
        ] {
            assert_eq!(clip(bytes), None);
        }
    }
}
