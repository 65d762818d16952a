//! The wire format of protocol buffers, as far as rewriting a file needs it: fields are found and written, their
//! meaning stays with the caller. (The libraries for it read whole messages into memory and want generated code for
//! the ONNX schema; here a 90 MB graph is walked in place.)

use super::{ConvertError, copy::Input};

/// Longest length or number in bytes.
const LONGEST_VARINT: usize = 10;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// A whole number.
    Number(u64),
    /// Four bytes.
    Four([u8; 4]),
    /// Eight bytes.
    Eight,
    /// Bytes, a text or a message: where they begin and how many they are.
    Bytes {
        /// Place of the first byte.
        place: u64,
        /// Number of bytes.
        len: u64,
    },
}

/// A field of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    /// Number in the schema.
    pub(super) number: u64,
    /// What it holds.
    pub(super) value: Value,
    /// Place of its tag.
    pub(super) start: u64,
    /// Place after its last byte.
    pub(super) end: u64,
}

/// Reads the field at the current place and goes to its end; nothing if that place is `end`.
pub(super) fn next_field(input: &mut Input, end: u64) -> Result<Option<Field>, ConvertError> {
    let start = input.place()?;
    if start == end {
        return Ok(None);
    }
    let tag = varint(input)?;
    let value = match tag & 7 {
        0 => Value::Number(varint(input)?),
        1 => {
            input.array::<8>()?;
            Value::Eight
        }
        2 => {
            let len = varint(input)?;
            Value::Bytes { place: input.place()?, len }
        }
        5 => Value::Four(input.array()?),
        other => return Err(input.wrong(format!("a field of unknown wire type {other}"))),
    };
    let after = match value {
        Value::Bytes { place, len } => place.checked_add(len).ok_or_else(|| input.wrong("a length is damaged"))?,
        Value::Number(_) | Value::Four(_) | Value::Eight => input.place()?,
    };
    if after > end {
        return Err(input.wrong("a field is longer than its message"));
    }
    input.seek(after)?;
    Ok(Some(Field { number: tag >> 3, value, start, end: after }))
}

/// Reads a text field.
pub(super) fn text(input: &mut Input, field: &Field) -> Result<String, ConvertError> {
    let Value::Bytes { place, len } = field.value else {
        return Err(input.wrong("a text is not a text"));
    };
    let here = input.place()?;
    input.seek(place)?;
    let len = usize::try_from(len).map_err(|_| input.wrong("a length is damaged"))?;
    let bytes = input.bytes(len)?;
    input.seek(here)?;
    String::from_utf8(bytes).map_err(|_| input.wrong("a text is not UTF-8"))
}

fn varint(input: &mut Input) -> Result<u64, ConvertError> {
    let mut value = 0;
    for n in 0..LONGEST_VARINT {
        let [byte] = input.array()?;
        value |= u64::from(byte & 0x7f).checked_shl(7 * n as u32).unwrap_or(0);
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(input.wrong("a number is damaged"))
}

/// Returns a number in the wire format.
pub(super) fn put_varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// Returns a field that holds a number.
pub(super) fn put_number(number: u64, value: u64) -> Vec<u8> {
    [put_varint(number << 3), put_varint(value)].concat()
}

/// Returns a field that holds four bytes.
pub(super) fn put_four(number: u64, value: [u8; 4]) -> Vec<u8> {
    [put_varint(number << 3 | 5), value.to_vec()].concat()
}

/// Returns the head of a field of `len` bytes.
pub(super) fn put_head(number: u64, len: u64) -> Vec<u8> {
    [put_varint(number << 3 | 2), put_varint(len)].concat()
}

/// Returns a field that holds bytes, a text or a message.
pub(super) fn put_bytes(number: u64, value: &[u8]) -> Vec<u8> {
    [put_head(number, value.len() as u64), value.to_vec()].concat()
}
