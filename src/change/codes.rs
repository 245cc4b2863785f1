//! The codes under which changes appear where findings do: SARIF, annotations, `keyprint explain`.

use super::Class;
use crate::diagnostic::{Code, code};

code! {
    /// ## What it finds
    ///
    /// A change after which anyone can do what was refused before: callers without credentials, any account, or any
    /// service.
    ///
    /// ## Why it matters
    ///
    /// Whoever finds the name of the secret or key can use it. No other policy of the account stands in the way.
    ///
    /// ## Example
    ///
    /// A resource policy whose statement names the principal `*` where it named a role.
    ///
    /// ## Instead
    ///
    /// Name the principals. Where a service must be admitted, bind it to its source with `aws:SourceAccount` or
    /// `aws:SourceArn`.
    PUBLIC = "change-public" { Error, Change, "a change opens access to anyone" }

    /// ## What it finds
    ///
    /// A change after which another account, or identities of another provider, can do what was refused before.
    ///
    /// ## Why it matters
    ///
    /// Who it is in the end is decided elsewhere, by people who are not asked about this change.
    ///
    /// ## Example
    ///
    /// A key policy that now allows `kms:Decrypt` to the root of another account.
    ///
    /// ## Instead
    ///
    /// Name one role of the other account, and the organization in `aws:PrincipalOrgID`; or acknowledge the change
    /// with a reason and a last day.
    FOREIGN = "change-foreign" { Error, Change, "a change gives access from outside the account" }

    /// ## What it finds
    ///
    /// An update after which a secret's value, or everything that a key encrypts, is gone: a deletion without
    /// retention, a key that is scheduled for deletion, a replica that leaves.
    ///
    /// ## Why it matters
    ///
    /// Secrets Manager keeps a deleted value for the recovery window and no longer; nothing decrypts what a deleted
    /// key encrypted.
    ///
    /// ## Example
    ///
    /// A secret that leaves its template together with `DeletionPolicy: Retain`.
    ///
    /// ## Instead
    ///
    /// Keep `DeletionPolicy: Retain`, or move what is needed first and delete in a change of its own.
    DATA_LOST = "change-data-lost" { Error, Change, "a change loses a value or what a key encrypts" }

    /// ## What it finds
    ///
    /// An update in which Secrets Manager generates the value of a secret once more.
    ///
    /// ## Why it matters
    ///
    /// Whoever holds the old value, a database say, refuses the new one until somebody sets it there too.
    ///
    /// ## Example
    ///
    /// A changed `GenerateSecretString` of a secret that is in use.
    ///
    /// ## Instead
    ///
    /// Leave `GenerateSecretString` as it is and rotate, which sets the value on both sides.
    REGENERATED = "change-regenerated" { Error, Change, "a change makes a secret's value anew" }

    /// ## What it finds
    ///
    /// A secret that was rotated on a schedule and is not any more.
    ///
    /// ## Why it matters
    ///
    /// The value stays as it is until somebody thinks of it, and whoever learns it keeps it.
    ///
    /// ## Example
    ///
    /// A `rotation` taken out of a secret of the blueprint.
    ///
    /// ## Instead
    ///
    /// Keep the rotation, or name another function. If a provider issues the value, acknowledge the change with that
    /// reason.
    ROTATION_LOST = "change-rotation-lost" { Error, Change, "a change ends the rotation of a secret" }

    /// ## What it finds
    ///
    /// An update that cannot be carried out: a name that is in use until the old resource is gone, a type that
    /// changes under one logical id, an order that contradicts itself.
    ///
    /// ## Why it matters
    ///
    /// The stack rolls back, and may be left in a state that only people can mend.
    ///
    /// ## Example
    ///
    /// A secret that gets a new logical id and keeps its name.
    ///
    /// ## Instead
    ///
    /// Keep the logical id with `was:`, or give the new resource another name and move to it in two steps.
    UPDATE_FAILS = "change-update-fails" { Error, Change, "the update will be refused, by CloudFormation or by the service" }

    /// ## What it finds
    ///
    /// A change of a property that CloudFormation can only make by creating another resource and removing the old
    /// one.
    ///
    /// ## Why it matters
    ///
    /// What refers to the old one by its id or ARN loses it, and what the old one held stays behind.
    ///
    /// ## Example
    ///
    /// A changed `Name` of a secret.
    ///
    /// ## Instead
    ///
    /// Keep the property, or create the new resource beside the old one and move to it.
    REPLACEMENT = "change-replacement" { Error, Change, "a resource is made anew under a new id" }

    /// ## What it finds
    ///
    /// A change after which a request is allowed that was denied, shown by such a request: who asks, for which
    /// action, on which resource, under which conditions.
    ///
    /// ## Why it matters
    ///
    /// A wider policy looks like any other line in a diff, and nobody asks for less again later.
    ///
    /// ## Example
    ///
    /// `secretsmanager:GetSecretValue` on `secret:orders/*` where it was `secret:orders/production/orders-db-??????`.
    ///
    /// ## Instead
    ///
    /// Name the actions and resources that are needed, or acknowledge the change with a reason and a last day.
    BROADER = "change-broader" { Error, Change, "a change allows more than before" }

    /// ## What it finds
    ///
    /// A change that takes from a control: a customer's key, the rotation of a key, a window, an interval, an alarm,
    /// retention, a waiver that is new, a boundary, an endpoint policy, a guardrail, a replica.
    ///
    /// ## Why it matters
    ///
    /// Controls are missed when they are needed, which is not the day on which they are removed.
    ///
    /// ## Example
    ///
    /// `PendingWindowInDays: 7` where it was 30.
    ///
    /// ## Instead
    ///
    /// Keep the control, or acknowledge the change with a reason and a last day.
    WEAKER = "change-weaker" { Error, Change, "a control protects less than before" }

    /// ## What it finds
    ///
    /// A change that works in steps and fails, or shuts somebody out, at once: a secret that moves to another key, a
    /// Region whose key must exist before the replica.
    ///
    /// ## Why it matters
    ///
    /// Between two stacks, or between two deployments, readers lose access.
    ///
    /// ## Example
    ///
    /// A secret and its key policy that move to another key in one deployment.
    ///
    /// ## Instead
    ///
    /// Follow the steps that the change lists, one deployment each.
    ORDER = "change-order" { Error, Change, "a change is only safe in a certain order of steps" }

    /// ## What it finds
    ///
    /// A change whose direction could not be proved: a policy with a part that only the deployment decides,
    /// conditions in great number, a type that is not known.
    ///
    /// ## Why it matters
    ///
    /// What is not certain may be the worst of what it could be. Silence is never a pass.
    ///
    /// ## Example
    ///
    /// A policy document that a macro completes.
    ///
    /// ## Instead
    ///
    /// Write the part out, name account and Region with `--account` and `--region`, or have somebody read the two
    /// texts.
    UNDECIDED = "change-undecided" { Error, Change, "it is not certain what a change does" }

    /// ## What it finds
    ///
    /// A control whose old and new form cannot be put in an order: another schedule of the same interval, another
    /// alarm address.
    ///
    /// ## Why it matters
    ///
    /// It is neither a gain nor a loss by its form, but may be one for those who depend on it.
    ///
    /// ## Example
    ///
    /// A rotation window that moves from Sunday to Wednesday.
    ///
    /// ## Instead
    ///
    /// Read it, and tell those who are called by it.
    ALTERED = "change-altered" { Warning, Change, "a control works differently, neither more nor less" }

    /// ## What it finds
    ///
    /// A change that CloudFormation makes in place with an interruption, by the documentation of the property.
    ///
    /// ## Why it matters
    ///
    /// Callers see errors while the update runs.
    ///
    /// ## Example
    ///
    /// A proxy for databases whose subnets change.
    ///
    /// ## Instead
    ///
    /// Deploy it when an interruption does no harm.
    INTERRUPTION = "change-interruption" { Warning, Change, "an update interrupts what uses a resource" }

    /// ## What it finds
    ///
    /// A change after which a request is denied that was allowed, shown by such a request.
    ///
    /// ## Why it matters
    ///
    /// It is what one wants, unless somebody still needs the access.
    ///
    /// ## Example
    ///
    /// A reader taken out of the blueprint.
    ///
    /// ## Instead
    ///
    /// Nothing, once it is known that nobody uses what is taken.
    NARROWER = "change-narrower" { Note, Change, "a change allows less than before" }

    /// ## What it finds
    ///
    /// A change that adds to a control.
    ///
    /// ## Why it matters
    ///
    /// For information; a reviewer need not look for what it takes away.
    ///
    /// ## Example
    ///
    /// `PendingWindowInDays: 30` where it was 7.
    ///
    /// ## Instead
    ///
    /// Nothing.
    STRONGER = "change-stronger" { Note, Change, "a control protects more than before" }

    /// ## What it finds
    ///
    /// A resource that was not there and grants nothing that is told apart.
    ///
    /// ## Why it matters
    ///
    /// For information; access that comes with it is told as such.
    ///
    /// ## Example
    ///
    /// A log group for a new function.
    ///
    /// ## Instead
    ///
    /// Nothing.
    ADDED = "change-added" { Note, Change, "a resource is new" }

    /// ## What it finds
    ///
    /// A resource that is not there any more, without loss of data, controls or access that is told apart.
    ///
    /// ## Why it matters
    ///
    /// For information; what CloudFormation deletes with it is told as such.
    ///
    /// ## Example
    ///
    /// The log group of a function that is gone too.
    ///
    /// ## Instead
    ///
    /// Nothing.
    REMOVED = "change-removed" { Note, Change, "a resource is gone" }

    /// ## What it finds
    ///
    /// A change of something else: a description, a tag, the code of a function.
    ///
    /// ## Why it matters
    ///
    /// For information.
    ///
    /// ## Example
    ///
    /// A new `Description`.
    ///
    /// ## Instead
    ///
    /// Nothing.
    OTHER = "change-other" { Note, Change, "a change has no bearing on access, controls or data" }
}

/// The code of a class.
pub(crate) fn code_of(class: Class) -> &'static Code {
    match class {
        Class::Public => &PUBLIC,
        Class::Foreign => &FOREIGN,
        Class::DataLost => &DATA_LOST,
        Class::Regenerated => &REGENERATED,
        Class::RotationLost => &ROTATION_LOST,
        Class::UpdateFails => &UPDATE_FAILS,
        Class::Replacement => &REPLACEMENT,
        Class::Broader => &BROADER,
        Class::Weaker => &WEAKER,
        Class::Order => &ORDER,
        Class::Undecided => &UNDECIDED,
        Class::Altered => &ALTERED,
        Class::Interruption => &INTERRUPTION,
        Class::Narrower => &NARROWER,
        Class::Stronger => &STRONGER,
        Class::Added => &ADDED,
        Class::Removed => &REMOVED,
        Class::Other => &OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{CLASSES, STOPPING, named};
    use crate::diagnostic::Level;

    #[test]
    fn each_class_has_the_code_of_its_word_and_what_stops_is_an_error() {
        let stopping = named(STOPPING).unwrap();
        for class in CLASSES {
            let code = code_of(class);
            assert_eq!(code.name, format!("change-{}", class.word()));
            assert_eq!(code.level == Level::Error, stopping.contains(&class), "{}", code.name);
        }
        assert_eq!(CODES.len(), CLASSES.len());
    }
}
