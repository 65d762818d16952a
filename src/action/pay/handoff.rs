//! Paying with the owner's own bank: a QR code and a link that its app understands. Herald moves no money here.
//!
//! The code is that of EPC069-12, "Quick Response code: guidelines to enable data capture for the initiation of a SEPA
//! credit transfer", version 002, in UTF-8; the link is a `payto:` URI (RFC 8905). Not every app reads either, so the
//! page shows the same in words.
//!
//! Codes are drawn by the `qrcodegen` crate: the reference implementation of ISO/IEC 18004 by its author, MIT, no
//! dependencies; SVG is one path of its modules.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use qrcodegen::{QrCode, QrCodeEcc, Version};

use super::{
    Money,
    payees::{HOLDER_CHARS, one_line},
};
use crate::telemetry::Redacted;

/// Characters of remittance information.
const REMITTANCE_CHARS: usize = 140;
/// Bytes of a whole code; version 13 of a QR code holds them with error correction M.
const CODE_BYTES: usize = 331;
/// Modules of white around a code (ISO/IEC 18004, 6.3.8).
const QUIET_ZONE: i32 = 4;

/// What RFC 3986 calls unreserved stays as it is.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A payment as a bank's app takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    /// The name on the payee's account.
    pub holder: Redacted<String>,
    /// The payee's account, without blanks.
    pub iban: Redacted<String>,
    /// How much, in euros.
    pub money: Money,
    /// What for.
    pub remittance: Redacted<String>,
}

impl Handoff {
    pub(super) fn new(holder: &str, iban: &str, money: Money, reason: &str) -> Self {
        let short = |text: &str, chars| Redacted(one_line(text).chars().take(chars).collect::<String>());
        Self {
            holder: short(holder, HOLDER_CHARS),
            iban: Redacted(iban.to_owned()),
            money,
            remittance: short(reason, REMITTANCE_CHARS),
        }
    }

    /// Returns the text of the QR code. Where letters of several bytes would make it too long, what the payment is for is
    /// shortened.
    pub fn epc(&self) -> String {
        // Service tag, version, UTF-8, SEPA credit transfer, no BIC (version 002 does without).
        let head = format!("BCD\n002\n1\nSCT\n\n{}\n{}\nEUR{}", self.holder.0, self.iban.0, self.money.decimal());
        if self.remittance.0.is_empty() {
            return head;
        }
        // No purpose code, no structured reference.
        let mut code = format!("{head}\n\n\n{}", self.remittance.0);
        while code.len() > CODE_BYTES {
            code.pop();
        }
        code
    }

    /// Returns the link.
    pub fn payto(&self) -> String {
        let value = |text: &str| utf8_percent_encode(text, VALUE).to_string();
        let amount = format!("{}:{}", self.money.currency().code(), self.money.decimal());
        let mut link = format!("payto://iban/{}?amount={amount}&receiver-name={}", self.iban.0, value(&self.holder.0));
        if !self.remittance.0.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(link, "&message={}", value(&self.remittance.0));
        }
        link
    }

    /// Draws the QR code as SVG; `None` for a text no code holds, which [`Handoff::epc`] never returns.
    pub fn svg(&self) -> Option<String> {
        Some(svg(&self.code()?))
    }

    fn code(&self) -> Option<QrCode> {
        let text = qrcodegen::QrSegment::make_bytes(self.epc().as_bytes());
        QrCode::encode_segments_advanced(&[text], QrCodeEcc::Medium, Version::new(1), Version::new(13), None, false)
            .ok()
    }
}

/// One path of black squares on white, a unit each.
fn svg(code: &QrCode) -> String {
    let side = code.size() + 2 * QUIET_ZONE;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a string cannot fail.
            let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET_ZONE, y + QUIET_ZONE);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0,0h{side}v{side}h-{side}z\"/><path d=\"{path}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use percent_encoding::percent_decode_str;

    use super::*;
    use crate::intent::Currency;

    fn handoff(holder: &str, minor: u64, reason: &str) -> Handoff {
        Handoff::new(holder, "FR7630006000011234567890189", Money::new(minor, Currency::Eur).unwrap(), reason)
    }

    /// What `zbarimg` reads in a picture of the code, byte for byte.
    fn read_back(code: &QrCode) -> Vec<u8> {
        const SCALE: i32 = 4;
        let side = (code.size() + 2 * QUIET_ZONE) * SCALE;
        let mut picture = format!("P5 {side} {side} 255\n").into_bytes();
        for y in 0..side {
            picture.extend((0..side).map(|x| {
                let is_black = code.get_module(x / SCALE - QUIET_ZONE, y / SCALE - QUIET_ZONE);
                if is_black { 0 } else { 255 }
            }));
        }
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("code.pgm");
        fs::write(&file, picture).unwrap();
        let read = Command::new("zbarimg")
            .args(["--quiet", "--raw", "--oneshot", "-Sdisable", "-Sqrcode.enable", "-Sbinary"])
            .arg(&file)
            .output()
            .expect("zbarimg of the Debian package zbar-tools runs");
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        read.stdout
    }

    #[test]
    fn the_code_is_the_one_of_the_guidelines() {
        assert_eq!(
            handoff("Marion Petit", 2_000, "pizza").epc(),
            "BCD\n002\n1\nSCT\n\nMarion Petit\nFR7630006000011234567890189\nEUR20.00\n\n\npizza"
        );
        assert!(handoff("Marion Petit", 5, "").epc().ends_with("\nEUR0.05"));
    }

    #[test]
    fn a_reader_reads_the_code_back_byte_for_byte() {
        let long = "é".repeat(200);
        for handoff in [
            handoff("Marion Petit", 2_000, "pizza"),
            handoff("Zoë Ångström-Łuczak", 1, "dîner à la crêperie, 3 parts & 20 % de pourboire"),
            handoff(&long, 99_999_999, &long),
            handoff("数据 🍕", 1_250, ""),
        ] {
            let code = handoff.code().unwrap();
            assert_eq!(read_back(&code), handoff.epc().into_bytes());
        }
    }

    #[test]
    fn a_code_is_never_too_long_and_ends_in_a_whole_letter() {
        let handoff = handoff(&"ç".repeat(100), 2_000, &"€".repeat(300));
        let code = handoff.epc();
        assert!(code.len() <= CODE_BYTES, "{}", code.len());
        assert_eq!(handoff.holder.0.chars().count(), 70);
        assert_eq!(code.lines().nth(5).unwrap(), "ç".repeat(70));
        assert!(code.ends_with('€'));
    }

    #[test]
    fn nobody_writes_lines_of_the_code_into_a_name_or_a_reason() {
        let handoff = handoff("Eve\nDE89370400440532013000\r\nEUR999", 2_000, "pizza\u{85}\nEUR999");
        let code = handoff.epc();
        let lines: Vec<_> = code.split('\n').collect();
        assert_eq!(lines.len(), 11);
        assert_eq!((lines[6], lines[7]), ("FR7630006000011234567890189", "EUR20.00"));
        assert_eq!(lines[5], "Eve DE89370400440532013000 EUR999");
    }

    #[test]
    fn the_link_is_read_back_as_it_was_meant() {
        let handoff = handoff("Zoë & Fils", 1_250, "50 % de l'addition #2");
        let link = handoff.payto();
        let (target, query) = link.strip_prefix("payto://iban/").unwrap().split_once('?').unwrap();
        assert_eq!(target, handoff.iban.0);
        let read: Vec<(String, String)> = query
            .split('&')
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap();
                (name.to_owned(), percent_decode_str(value).decode_utf8().unwrap().into_owned())
            })
            .collect();
        let expected = [
            ("amount", "EUR:12.50"),
            ("receiver-name", handoff.holder.0.as_str()),
            ("message", handoff.remittance.0.as_str()),
        ];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(link.is_ascii());
    }

    #[test]
    fn the_picture_shows_the_modules_of_the_code() {
        let handoff = handoff("Marion Petit", 2_000, "pizza");
        let (code, picture) = (handoff.code().unwrap(), handoff.svg().unwrap());
        let black = (0..code.size())
            .flat_map(|y| (0..code.size()).map(move |x| (x, y)))
            .filter(|(x, y)| code.get_module(*x, *y));
        for (x, y) in black.clone() {
            assert!(picture.contains(&format!("M{},{}h1", x + QUIET_ZONE, y + QUIET_ZONE)));
        }
        assert_eq!(picture.matches("h1v1").count(), black.count());
    }

    #[test]
    fn debug_tells_neither_name_nor_account_nor_amount_nor_reason() {
        let told = format!("{:?}", handoff("Marion Petit", 4_711, "pizza"));
        for secret in ["Marion", "FR76", "47", "pizza"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}
