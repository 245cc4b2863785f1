//! What can be wrong with templates that keyprint did not make.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    ///
    /// A file given to `keyprint verify` that is no CloudFormation template: malformed JSON or YAML, nested too deeply,
    /// an object with a key twice, or a document without `Resources`.
    ///
    /// ## Why it matters
    ///
    /// What cannot be read is not judged.
    ///
    /// ## Example
    ///
    /// A template in which `Resources` is a list.
    ///
    /// ## Instead
    ///
    /// Give the template as it is deployed; of an application, the one that its tool synthesizes or packages.
    TEMPLATE_UNREADABLE = "template-unreadable" { Error, Schema, "a file is no template that can be judged" }

    /// ## What it finds
    ///
    /// A part of a template whose effect on access is not known: a managed policy that no template holds, a macro, an
    /// intrinsic function that only the deployment decides, conditions in great number.
    ///
    /// ## Why it matters
    ///
    /// The rest is judged as if this part granted nothing, so the answers hold for the rest alone.
    ///
    /// ## Example
    ///
    /// A role with a managed policy that another stack makes.
    ///
    /// ## Instead
    ///
    /// Give the templates that belong together in one command, name account and Region, or write the policy out.
    NOT_JUDGED = "not-judged" { Warning, Access, "a part of a template is not judged" }

    /// ## What it finds
    ///
    /// A secret or key that somebody at large can use: anyone without credentials, any account, any service.
    ///
    /// ## Why it matters
    ///
    /// The secret is public to whoever finds its name.
    ///
    /// ## Example
    ///
    /// A resource policy that allows `secretsmanager:GetSecretValue` to the principal `*`.
    ///
    /// ## Instead
    ///
    /// Name the principals.
    OPEN_ACCESS = "open-access" { Error, Access, "a secret or key is open to everybody of a kind" }

    /// ## What it finds
    ///
    /// A secret or key that another account can use, as far as that account's own policies allow.
    ///
    /// ## Why it matters
    ///
    /// Who it is in the end is decided in the other account.
    ///
    /// ## Example
    ///
    /// A key policy that allows `kms:Decrypt` to the root of another account.
    ///
    /// ## Instead
    ///
    /// Name the role in `aws:PrincipalArn`, or remove the statement.
    FOREIGN_ACCESS = "foreign-access" { Warning, Access, "another account can use a secret or key" }

    /// ## What it finds
    ///
    /// A key that any principal of the account can decrypt with, for whatever purpose, if its own policies allow it.
    ///
    /// ## Why it matters
    ///
    /// The key protects nothing from a role with a wildcard, and does not tell the secrets under it apart.
    ///
    /// ## Example
    ///
    /// The statement `kms:*` for the account's root, without a condition.
    ///
    /// ## Instead
    ///
    /// Delegate administration alone, and name the roles that use the key, through Secrets Manager, with the encryption
    /// context of their secrets.
    KEY_OPEN_TO_ACCOUNT = "key-open-to-account" { Warning, Access, "every principal of the account may decrypt with a key" }

    /// ## What it finds
    ///
    /// A statement of a policy that allows nothing that its other statements do not allow.
    ///
    /// ## Why it matters
    ///
    /// It reads like a restriction and is none; should the wider statement go, it becomes a grant nobody reviews.
    ///
    /// ## Example
    ///
    /// `kms:Decrypt` through Secrets Manager for the account, beside `kms:*` for the account.
    ///
    /// ## Instead
    ///
    /// Remove the wider statement, or this one.
    STATEMENT_ADDS_NOTHING = "statement-adds-nothing" { Warning, Access, "a statement allows nothing that others do not" }

    /// ## What it finds
    ///
    /// A role that can decrypt with a key more than the secrets that it can read.
    ///
    /// ## Why it matters
    ///
    /// Under a shared key every reader can decrypt every secret: the key isolates nothing.
    ///
    /// ## Example
    ///
    /// `kms:Decrypt` with `kms:ViaService` and without `kms:EncryptionContext:SecretARN`.
    ///
    /// ## Instead
    ///
    /// Bind the permission to the secrets' ARNs in `kms:EncryptionContext:SecretARN`.
    DECRYPTS_BEYOND_ITS_SECRETS =
        "decrypts-beyond-its-secrets" { Warning, Access, "a role can decrypt more than the secrets that it reads" }

    /// ## What it finds
    ///
    /// A role that can use a key for other cryptographic operations than its secrets need: wildcards such as
    /// `kms:ReEncrypt*` and `kms:GenerateDataKey*`.
    ///
    /// ## Why it matters
    ///
    /// Re-encryption carries a value over to a key of another account.
    ///
    /// ## Example
    ///
    /// A writer with `kms:ReEncrypt*`.
    ///
    /// ## Instead
    ///
    /// `kms:GenerateDataKey` and, where the value is read back, `kms:Decrypt`.
    KEY_USE_TOO_BROAD = "key-use-too-broad" { Warning, Access, "a role can use a key for more than secrets" }

    /// ## What it finds
    ///
    /// A role that can give itself or others the use of a key: by a grant or by changing the key policy.
    ///
    /// ## Why it matters
    ///
    /// Administration without decryption is a separation in name only.
    ///
    /// ## Example
    ///
    /// An administrator with `kms:Create*`, which includes `kms:CreateGrant`.
    ///
    /// ## Instead
    ///
    /// List the administrative actions; leave `kms:CreateGrant` out, and watch `kms:PutKeyPolicy`.
    CAN_TAKE_THE_KEY = "can-take-the-key" { Warning, Access, "a role can give itself the use of a key" }

    /// ## What it finds
    ///
    /// A role that writes values of a secret and can also change the secret itself, its key included.
    ///
    /// ## Why it matters
    ///
    /// Whoever moves a secret to a key of its own decides who reads it.
    ///
    /// ## Example
    ///
    /// `secretsmanager:UpdateSecret` beside `secretsmanager:PutSecretValue`.
    ///
    /// ## Instead
    ///
    /// `secretsmanager:PutSecretValue` and `secretsmanager:UpdateSecretVersionStage`.
    WRITER_CHANGES_SECRET = "writer-changes-secret" { Warning, Access, "a writer can change the secret itself" }

    /// ## What it finds
    ///
    /// A role that can read versions of a secret that are not in use, such as the pending one of a rotation.
    ///
    /// ## Why it matters
    ///
    /// A pending value is the next password, before anybody else has it.
    ///
    /// ## Example
    ///
    /// `secretsmanager:GetSecretValue` without a condition on `secretsmanager:VersionStage`.
    ///
    /// ## Instead
    ///
    /// Allow the stage `AWSCURRENT`; the rotation function alone needs `AWSPENDING`.
    READS_EVERY_VERSION = "reads-every-version" { Note, Access, "a role can read versions that are not in use" }

    /// ## What it finds
    ///
    /// A role whose wildcards reach secrets that the template does not make.
    ///
    /// ## Why it matters
    ///
    /// It reads whatever the account will ever hold.
    ///
    /// ## Example
    ///
    /// `secretsmanager:GetSecretValue` on `*`.
    ///
    /// ## Instead
    ///
    /// Name each secret, with `-??????` behind its name.
    REACHES_EVERY_SECRET = "reaches-every-secret" { Error, Access, "a wildcard reaches every secret of the account" }
}
