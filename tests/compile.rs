//! The compiler as a whole: the same text always gives the same bytes, a changed line changes only what it must, and what
//! the templates refer to exists.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

mod shipped;

#[test]
fn references_work() {
    let w = shipped::shipped();
    assert_eq!(shipped::references::problems(&w), Vec::<String>::new());
}

#[test]
fn access_works() {
    let w = shipped::shipped();
    assert_eq!(shipped::access::problems(&w), Vec::<String>::new());
}
