//! The picture that sets up a device: a QR code somewhere in a PNG file.

use zeroize::Zeroizing;

use crate::credentials::Secret;
use crate::ports::catch;

/// The most pixels of a picture; a screen of 8K has 33 million.
const MOST_PIXELS: usize = 40_000_000;

/// Why a picture says nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoCode {
    #[error("is no PNG file")]
    NotPng,
    #[error("is a PNG file that awsx does not read: {0}")]
    Png(String),
    #[error("has more than {} million pixels", MOST_PIXELS / 1_000_000)]
    TooLarge,
    #[error("has no QR code in it that can be read")]
    None,
    #[error("has the QR codes of several devices in it")]
    Several,
}

/// What the QR code in a PNG file says; of several, what the one of an MFA device does.
pub(crate) fn read_qr_code(png: &[u8]) -> Result<Secret, NoCode> {
    let (width, height, light) = read_png(png)?;
    // Any picture may be given to it.
    let codes = catch(|| {
        let light_at = |x: usize, y: usize| light[y * width + x];
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, light_at);
        let grids = image.detect_grids();
        grids.iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect::<Vec<_>>()
    });
    let mut codes: Vec<_> = codes.unwrap_or_default().into_iter().map(Zeroizing::new).collect();
    if codes.len() > 1 {
        codes.retain(|code| code.starts_with("otpauth"));
    }
    match &*codes {
        [] => Err(NoCode::None),
        [code] => Ok(Secret::new(code.as_str())),
        _ => Err(NoCode::Several),
    }
}

/// Width, height, and how light each pixel is, on white.
fn read_png(png: &[u8]) -> Result<(usize, usize, Zeroizing<Vec<u8>>), NoCode> {
    let problem = |error| match error {
        minipng::Error::NotPng => NoCode::NotPng,
        error => NoCode::Png(error.to_string()),
    };
    let header = minipng::decode_png_header(png).map_err(problem)?;
    let (width, height) = (header.width() as usize, header.height() as usize);
    if width.checked_mul(height).is_none_or(|pixels| pixels > MOST_PIXELS) {
        return Err(NoCode::TooLarge);
    }
    let mut room = Zeroizing::new(vec![0; header.required_bytes_rgba8bpc()]);
    let mut image = minipng::decode_png(png, &mut room).map_err(problem)?;
    image.convert_to_rgba8bpc().map_err(problem)?;
    let light = |pixel: &[u8]| {
        let [red, green, blue, alpha] = [0, 1, 2, 3].map(|at| u32::from(pixel[at]));
        let light = (red * 299 + green * 587 + blue * 114) / 1000;
        ((light * alpha + 255 * (255 - alpha)) / 255) as u8
    };
    let light = Zeroizing::new(image.pixels().chunks_exact(4).map(light).collect::<Vec<u8>>());
    match light.len() == width * height && width > 0 {
        true => Ok((width, height, light)),
        false => Err(NoCode::None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DEVICE: &[u8] = include_bytes!("../../tests/data/qr/device.png");

    /// Made with segno and Pillow.
    #[test]
    fn the_device_is_found_wherever_it_is_in_the_picture() {
        let seed = "secret=MF3XG6BNONQW4ZDCN54C2ZDFOZUWGZJR";
        for (docs, png, expected) in [
            ("as a page shows it", DEVICE, Ok(seed)),
            ("a part of a screen", include_bytes!("../../tests/data/qr/screenshot.png"), Ok(seed)),
            (
                "beside another code, on no background",
                include_bytes!("../../tests/data/qr/beside.png"),
                Ok(seed),
            ),
            (
                "something else",
                include_bytes!("../../tests/data/qr/address.png"),
                Ok("https://example.com"),
            ),
            ("two devices", include_bytes!("../../tests/data/qr/two.png"), Err(NoCode::Several)),
            ("nothing", include_bytes!("../../tests/data/qr/empty.png"), Err(NoCode::None)),
            ("another format", b"\xff\xd8\xff\xe0", Err(NoCode::NotPng)),
            ("no file", b"", Err(NoCode::NotPng)),
        ] {
            match (read_qr_code(png), expected) {
                (Ok(code), Ok(words)) => assert!(code.expose().contains(words), "{docs}"),
                (read, expected) => assert_eq!(read.err(), expected.err(), "{docs}"),
            }
        }
        let cut = read_qr_code(&DEVICE[..DEVICE.len() / 2]).unwrap_err();
        assert!(matches!(cut, NoCode::Png(_)), "{cut}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn no_bytes_cause_a_panic(at in 0..DEVICE.len(), byte: u8, rest: Vec<u8>) {
            let mut changed = DEVICE.to_vec();
            changed[at] = byte;
            for png in [changed, [&DEVICE[..at], &rest].concat(), rest] {
                let _ = read_qr_code(&png);
            }
        }
    }
}
