//! A PulseAudio server without hardware.
