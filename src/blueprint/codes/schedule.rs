//! Codes about rotation schedules.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    /// An interval and a time of day that no rate or cron expression of Secrets Manager says exactly.
    ///
    /// ## Why it matters
    /// A cron expression that comes close rotates at other times than the blueprint says: steps over days restart
    /// each month, and nothing counts fortnights.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// secrets:
    ///   partner-api: { type: api-key, rotation: { every: 3 days, at: "02:00" } }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// secrets:
    ///   partner-api: { type: api-key, rotation: { every: 7 days, at: Sunday 02:00 } }
    /// ```
    SCHEDULE_NOT_EXPRESSIBLE = "schedule-not-expressible" {
        Error, Rotation, "an interval and a time that no schedule of the service says"
    }

    /// ## What it finds
    /// A schedule expression outside the grammar of Secrets Manager.
    ///
    /// ## Why it matters
    /// CloudFormation would find out in the middle of a deployment.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// secrets:
    ///   partner-api: { type: api-key, rotation: { schedule: "cron(30 2 ? * SUN *)" } }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// secrets:
    ///   partner-api: { type: api-key, rotation: { schedule: "cron(0 2 ? * SUN *)" } }
    /// ```
    SCHEDULE_OUTSIDE_GRAMMAR = "schedule-outside-grammar" {
        Error, Rotation, "a schedule that the service refuses"
    }

    /// ## What it finds
    /// A rotation window that passes midnight UTC or reaches the next window.
    ///
    /// ## Why it matters
    /// Secrets Manager refuses such a schedule.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// secrets:
    ///   partner-api: { type: api-key, rotation: { every: 7 days, at: Sunday 22:00, window: 3 hours } }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// secrets:
    ///   partner-api: { type: api-key, rotation: { every: 7 days, at: Sunday 21:00, window: 3 hours } }
    /// ```
    WINDOW_TOO_LONG = "window-too-long" { Error, Rotation, "a rotation window past midnight or the next window" }
}
