//! The six parts of an ARN as matching sees them.

/// Splits at the first five colons; anything with fewer is no ARN.
pub(crate) fn parts(text: &str) -> Option<[&str; 6]> {
    let mut split = text.splitn(6, ':');
    let mut next = || split.next();
    let parts = [next()?, next()?, next()?, next()?, next()?, next()?];
    Some(parts)
}

/// The account part, if the text is an ARN that names an account.
pub(crate) fn account(text: &str) -> Option<&str> {
    let [.., account, _] = parts(text)?;
    (!account.is_empty()).then_some(account)
}

/// Whether the text is an account id: twelve digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}
