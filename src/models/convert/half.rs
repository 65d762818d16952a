//! Half-precision numbers (IEEE 754 binary16): the two conversions the recipes need.

/// Returns the value of the half-precision number with these bits; exact.
pub(super) fn widen(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let exponent = u32::from(bits >> 10) & 0x1f;
    let mantissa = u32::from(bits & 0x3ff);
    match (exponent, mantissa) {
        (0, _) => {
            // Zero and the subnormals: mantissa times 2^-24, exact in single precision.
            let value = f32::from(bits & 0x3ff) * f32::from_bits(0x3380_0000);
            f32::from_bits(sign | value.to_bits())
        }
        (0x1f, _) => f32::from_bits(sign | 0x7f80_0000 | (mantissa << 13)),
        _ => f32::from_bits(sign | ((exponent + 112) << 23) | (mantissa << 13)),
    }
}

/// Returns the bits of the half-precision number nearest to `value`, ties to even.
pub(super) fn narrow(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = (bits >> 16) & 0x8000;
    let magnitude = bits & 0x7fff_ffff;
    let half = match magnitude {
        0x7f80_0001.. => 0x7e00,
        // 65520 and above round to infinity.
        0x477f_f000.. => 0x7c00,
        // 2^-14 and above: the normal numbers.
        0x3880_0000.. => round_shift(magnitude - (112 << 23), 13),
        // 2^-25 and below round to zero.
        0..=0x3300_0000 => 0,
        // The subnormals: the mantissa with its hidden bit, in units of 2^-24.
        _ => round_shift((magnitude & 0x7f_ffff) | 0x80_0000, 126 - (magnitude >> 23)),
    };
    // Both parts fit 16 bits by construction.
    (sign | half) as u16
}

/// Shifts right by `shift`, rounding to nearest, ties to even.
const fn round_shift(value: u32, shift: u32) -> u32 {
    let kept = value >> shift;
    let lost = value & ((1 << shift) - 1);
    let middle = 1 << (shift - 1);
    if lost > middle || (lost == middle && kept & 1 == 1) { kept + 1 } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_widen_exactly() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 5.960_464_5e-8),
            (0x0400, 6.103_515_6e-5),
        ] {
            assert_eq!(widen(bits).to_bits(), f32::to_bits(value), "{bits:#06x}");
        }
        assert_eq!(widen(0x8000).to_bits(), (-0.0f32).to_bits());
        assert!(widen(0x7c00).is_infinite() && widen(0x7e00).is_nan());
    }

    #[test]
    fn every_half_survives_the_way_there_and_back() {
        for bits in 0..=u16::MAX {
            if !widen(bits).is_nan() {
                assert_eq!(narrow(widen(bits)), bits, "{bits:#06x}");
            }
        }
    }

    #[test]
    fn the_middle_between_two_halves_goes_to_the_even_one() {
        for bits in 0..0x7bffu16 {
            let middle = (widen(bits) + widen(bits + 1)) / 2.0;
            let even = if bits & 1 == 0 { bits } else { bits + 1 };
            assert_eq!(narrow(middle), even, "{bits:#06x}");
            assert_eq!(narrow(f32::from_bits(middle.to_bits() + 1)), bits + 1, "just above {bits:#06x}");
            assert_eq!(narrow(f32::from_bits(middle.to_bits() - 1)), bits, "just below {bits:#06x}");
        }
        assert_eq!(narrow(65520.0), 0x7c00);
        assert_eq!(narrow(-1e30), 0xfc00);
    }
}
