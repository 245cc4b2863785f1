//! The exact text of each face of a typical review.

use super::*;

#[test]
fn a_typical_pull_request_is_read_in_a_few_lines() {
    insta::assert_snapshot!(usual("text", &typical()), @"
    Broader access (stops)
      role orders-production-api: can read secret `orders/production/payment-provider`
        now allowed: secretsmanager:GetSecretValue to arn:aws:iam::333333333333:role/orders-production-api on arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-??????
          when aws:SecureTransport = true, aws:SourceVpce = vpce-0a1b
        blueprints/orders.yaml:6:47  broader-0badcafe
    Weaker controls (stops)
      secret orders/production/orders-db: is rotated every 90 days instead of every 30
        blueprints/orders.yaml:4:34  weaker-0badcafe
    Narrower access
      role orders-production-worker: cannot describe secret `orders-db` any more
        now denied: secretsmanager:GetSecretValue to arn:aws:iam::333333333333:role/orders-production-api on arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-??????
          when aws:SecureTransport = true, aws:SourceVpce = vpce-0a1b
        was at orders/production/eu-west-1/orders.template.json#/Resources/WorkerPolicy/Properties/PolicyDocument
    Acknowledged
      log group /aws/lambda/rotate: is made anew under another name (replacement)
        until 2026-12-31: nobody reads the old one
    Not judged
      macro `Elsewhere` of net.yaml is not expanded
    1 text differs and means the same
    git:origin/main → blueprints
    1 broader, 1 weaker, 1 narrower; 1 acknowledged; 57 resources unchanged
    stops: broader, weaker
    ");
}

#[test]
fn verbose_puts_statements_side_by_side() {
    insta::assert_snapshot!(face("text", &typical(), Detail::Verbose, STOPPING), @r#"
    Broader access (stops)
      role orders-production-api: can read secret `orders/production/payment-provider`
        now allowed: secretsmanager:GetSecretValue to arn:aws:iam::333333333333:role/orders-production-api on arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-??????
          when aws:PrincipalArn = arn:aws:iam::333333333333:role/orders-production-api, aws:SecureTransport = true, aws:SourceVpce = vpce-0a1b, kms:CallerAccount = 333333333333
        blueprints/orders.yaml:6:47  broader-0badcafe
        statement `ReadSecrets`
            {                                    │ {
              "Sid": "ReadSecrets",              │   "Sid": "ReadSecrets",
              "Effect": "Allow",                 │   "Effect": "Allow",
              "Action": [                        │   "Action": [
                "secretsmanager:GetSecretValue", │     "secretsmanager:GetSecretValue",
                "secretsmanager:DescribeSecret"  │     "secretsmanager:DescribeSecret"
              ],                                 │   ],
              "Resource": [                      │   "Resource": [
                "orders-db",                     │     "orders-db",
          +                                      │     "payment-provider"
              ],                                 │   ],
              "Condition": {                     │   "Condition": {
                "Bool": {                        │     "Bool": {
                  "aws:SecureTransport": "true"  │       "aws:SecureTransport": "true"
                }                                │     }
              }                                  │   }
            }                                    │ }
    Weaker controls (stops)
      secret orders/production/orders-db: is rotated every 90 days instead of every 30
        blueprints/orders.yaml:4:34  weaker-0badcafe
    Narrower access
      role orders-production-worker: cannot describe secret `orders-db` any more
        now denied: secretsmanager:GetSecretValue to arn:aws:iam::333333333333:role/orders-production-api on arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-??????
          when aws:PrincipalArn = arn:aws:iam::333333333333:role/orders-production-api, aws:SecureTransport = true, aws:SourceVpce = vpce-0a1b, kms:CallerAccount = 333333333333
        was at orders/production/eu-west-1/orders.template.json#/Resources/WorkerPolicy/Properties/PolicyDocument
    Acknowledged
      log group /aws/lambda/rotate: is made anew under another name (replacement)
        until 2026-12-31: nobody reads the old one
    Not judged
      macro `Elsewhere` of net.yaml is not expanded
    1 text differs and means the same
      key policy OrdersKey: the statements are in another order  orders/production/eu-west-1/orders.template.json#/Resources/OrdersKey/Properties/KeyPolicy
    git:origin/main → blueprints
    1 broader, 1 weaker, 1 narrower; 1 acknowledged; 57 resources unchanged
    stops: broader, weaker
    "#);
}

#[test]
fn quiet_says_what_stops_and_what_is_not_judged() {
    insta::assert_snapshot!(face("text", &typical(), Detail::Quiet, STOPPING), @"
    Broader access (stops)
      role orders-production-api: can read secret `orders/production/payment-provider`
        now allowed: secretsmanager:GetSecretValue to arn:aws:iam::333333333333:role/orders-production-api on arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-??????
          when aws:SecureTransport = true, aws:SourceVpce = vpce-0a1b
        blueprints/orders.yaml:6:47  broader-0badcafe
    Weaker controls (stops)
      secret orders/production/orders-db: is rotated every 90 days instead of every 30
        blueprints/orders.yaml:4:34  weaker-0badcafe
    Not judged
      macro `Elsewhere` of net.yaml is not expanded
    ");
    let calm = Review { unchanged: 3, ..Review::default() };
    assert_eq!(face("text", &calm, Detail::Quiet, STOPPING), "");
}

#[test]
fn markdown_is_a_comment() {
    insta::assert_snapshot!(usual("markdown", &typical()), @r#"
    <!-- keyprint review -->
    ### keyprint stops this: broader, weaker

    `git:origin/main` → `blueprints`: 1 broader, 1 weaker, 1 narrower; 1 acknowledged; 57 resources unchanged

    #### Broader access (stops)

    - **role orders-production-api**: can read secret `orders/production/payment-provider`<br>
      now allowed: `secretsmanager:GetSecretValue` to `arn:aws:iam::333333333333:role/orders-production-api` on `arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-??????` when `aws:SecureTransport` = `true`, `aws:SourceVpce` = `vpce-0a1b`<br>
      <sub>`blueprints/orders.yaml:6:47` · `broader-0badcafe`</sub>

      <details><summary>1 text, old and new</summary>

      statement `ReadSecrets`

      ```diff
       {
         "Sid": "ReadSecrets",
         "Effect": "Allow",
         "Action": [
           "secretsmanager:GetSecretValue",
           "secretsmanager:DescribeSecret"
         ],
         "Resource": [
           "orders-db",
      +    "payment-provider"
         ],
         "Condition": {
           "Bool": {
             "aws:SecureTransport": "true"
           }
         }
       }
      ```

      </details>


    #### Weaker controls (stops)

    - **secret orders/production/orders-db**: is rotated every 90 days instead of every 30<br>
      <sub>`blueprints/orders.yaml:4:34` · `weaker-0badcafe`</sub>

    #### Narrower access

    - **role orders-production-worker**: cannot describe secret `orders-db` any more<br>
      now denied: `secretsmanager:GetSecretValue` to `arn:aws:iam::333333333333:role/orders-production-api` on `arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-??????` when `aws:SecureTransport` = `true`, `aws:SourceVpce` = `vpce-0a1b`<br>
      <sub>was at `orders/production/eu-west-1/orders.template.json#/Resources/WorkerPolicy/Properties/PolicyDocument`</sub>

    #### Not judged

    - macro `Elsewhere` of net.yaml is not expanded

    #### Acknowledged

    - **log group /aws/lambda/rotate**: is made anew under another name<br>
      replacement until 2026-12-31: nobody reads the old one

    <details>
    <summary>1 text differs and means the same</summary>

    - **key policy OrdersKey**: the statements are in another order<br>
      <sub>`orders/production/eu-west-1/orders.template.json#/Resources/OrdersKey/Properties/KeyPolicy`</sub>

    </details>
    "#);
}

#[test]
fn json_has_its_first_version() {
    insta::assert_snapshot!(usual("json", &typical()), @r#"
    {
      "version": 1,
      "tool": {
        "name": "keyprint",
        "version": "VERSION"
      },
      "old": "git:origin/main",
      "new": "blueprints",
      "stops": true,
      "fail_on": [
        "public",
        "foreign",
        "data-lost",
        "regenerated",
        "rotation-lost",
        "update-fails",
        "replacement",
        "broader",
        "weaker",
        "order",
        "undecided"
      ],
      "summary": {
        "changes": 4,
        "stopping": 2,
        "acknowledged": 1,
        "equal": 1,
        "unchanged": 57,
        "classes": {
          "added": 0,
          "altered": 0,
          "broader": 1,
          "data-lost": 0,
          "foreign": 0,
          "interruption": 0,
          "narrower": 1,
          "order": 0,
          "other": 0,
          "public": 0,
          "regenerated": 0,
          "removed": 0,
          "replacement": 0,
          "rotation-lost": 0,
          "stronger": 0,
          "undecided": 0,
          "update-fails": 0,
          "weaker": 1
        }
      },
      "changes": [
        {
          "id": "replacement-0badcafe",
          "class": "replacement",
          "stops": false,
          "subject": "log group /aws/lambda/rotate",
          "what": "is made anew under another name",
          "details": [],
          "request": null,
          "old": null,
          "new": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": "RotateLogGroup",
            "pointer": "/Resources/RotateLogGroup/Properties/LogGroupName"
          },
          "location": null,
          "texts": [],
          "acknowledged": {
            "because": "nobody reads the old one",
            "until": "2026-12-31"
          }
        },
        {
          "id": "broader-0badcafe",
          "class": "broader",
          "stops": true,
          "subject": "role orders-production-api",
          "what": "can read secret `orders/production/payment-provider`",
          "details": [],
          "request": {
            "principal": "arn:aws:iam::333333333333:role/orders-production-api",
            "action": "secretsmanager:GetSecretValue",
            "resource": "arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-??????",
            "context": {
              "aws:PrincipalArn": "arn:aws:iam::333333333333:role/orders-production-api",
              "aws:SecureTransport": "true",
              "aws:SourceVpce": "vpce-0a1b",
              "kms:CallerAccount": "333333333333"
            }
          },
          "old": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": "ApiPolicy",
            "pointer": null
          },
          "new": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": "ApiPolicy",
            "pointer": "/Resources/ApiPolicy/Properties/PolicyDocument/Statement/0"
          },
          "location": {
            "file": "blueprints/orders.yaml",
            "line": 6,
            "column": 47,
            "end_line": 6,
            "end_column": 63
          },
          "texts": [
            {
              "title": "statement `ReadSecrets`",
              "old": {
                "Sid": "ReadSecrets",
                "Effect": "Allow",
                "Action": [
                  "secretsmanager:GetSecretValue",
                  "secretsmanager:DescribeSecret"
                ],
                "Resource": [
                  "orders-db"
                ],
                "Condition": {
                  "Bool": {
                    "aws:SecureTransport": "true"
                  }
                }
              },
              "new": {
                "Sid": "ReadSecrets",
                "Effect": "Allow",
                "Action": [
                  "secretsmanager:GetSecretValue",
                  "secretsmanager:DescribeSecret"
                ],
                "Resource": [
                  "orders-db",
                  "payment-provider"
                ],
                "Condition": {
                  "Bool": {
                    "aws:SecureTransport": "true"
                  }
                }
              }
            }
          ],
          "acknowledged": null
        },
        {
          "id": "weaker-0badcafe",
          "class": "weaker",
          "stops": true,
          "subject": "secret orders/production/orders-db",
          "what": "is rotated every 90 days instead of every 30",
          "details": [],
          "request": null,
          "old": null,
          "new": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": "OrdersDbRotation",
            "pointer": "/Resources/OrdersDbRotation/Properties/RotationRules"
          },
          "location": {
            "file": "blueprints/orders.yaml",
            "line": 4,
            "column": 34,
            "end_line": 4,
            "end_column": 42
          },
          "texts": [],
          "acknowledged": null
        },
        {
          "id": "narrower-0badcafe",
          "class": "narrower",
          "stops": false,
          "subject": "role orders-production-worker",
          "what": "cannot describe secret `orders-db` any more",
          "details": [],
          "request": {
            "principal": "arn:aws:iam::333333333333:role/orders-production-api",
            "action": "secretsmanager:GetSecretValue",
            "resource": "arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-??????",
            "context": {
              "aws:PrincipalArn": "arn:aws:iam::333333333333:role/orders-production-api",
              "aws:SecureTransport": "true",
              "aws:SourceVpce": "vpce-0a1b",
              "kms:CallerAccount": "333333333333"
            }
          },
          "old": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": "WorkerPolicy",
            "pointer": "/Resources/WorkerPolicy/Properties/PolicyDocument"
          },
          "new": null,
          "location": null,
          "texts": [],
          "acknowledged": null
        }
      ],
      "equal": [
        {
          "subject": "key policy OrdersKey",
          "because": "the statements are in another order",
          "spot": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": "OrdersKey",
            "pointer": "/Resources/OrdersKey/Properties/KeyPolicy"
          }
        }
      ],
      "notes": [
        "macro `Elsewhere` of net.yaml is not expanded"
      ]
    }
    "#);
}

#[test]
fn github_has_a_command_for_each_change() {
    insta::assert_snapshot!(usual("github", &typical()), @"
    ::error file=blueprints/orders.yaml,line=6,endLine=6,col=47,endColumn=63,title=change-broader::role orders-production-api: can read secret `orders/production/payment-provider`%0Ain orders/production/eu-west-1/orders.template.json%0Ahelp: now allowed: secretsmanager:GetSecretValue to arn:aws:iam::333333333333:role/orders-production-api on arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-?????? when aws:PrincipalArn = arn:aws:iam::333333333333:role/orders-production-api, aws:SecureTransport = true, aws:SourceVpce = vpce-0a1b, kms:CallerAccount = 333333333333%0Ahelp: this change is `broader-0badcafe`
    ::error file=blueprints/orders.yaml,line=4,endLine=4,col=34,endColumn=42,title=change-weaker::secret orders/production/orders-db: is rotated every 90 days instead of every 30%0Ain orders/production/eu-west-1/orders.template.json%0Ahelp: this change is `weaker-0badcafe`
    ::notice file=blueprints/orders.yaml,line=1,endLine=1,col=1,endColumn=1,title=change-narrower::role orders-production-worker: cannot describe secret `orders-db` any more, which was at orders/production/eu-west-1/orders.template.json#/Resources/WorkerPolicy/Properties/PolicyDocument%0Ain orders/production/eu-west-1/orders.template.json%0Ahelp: now denied: secretsmanager:GetSecretValue to arn:aws:iam::333333333333:role/orders-production-api on arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-?????? when aws:PrincipalArn = arn:aws:iam::333333333333:role/orders-production-api, aws:SecureTransport = true, aws:SourceVpce = vpce-0a1b, kms:CallerAccount = 333333333333
    ::notice file=blueprints/orders.yaml,line=1,endLine=1,col=1,endColumn=1,title=change-replacement::log group /aws/lambda/rotate: is made anew under another name%0Ain orders/production/eu-west-1/orders.template.json%0Ahelp: acknowledged until 2026-12-31: nobody reads the old one
    ::warning file=blueprints/orders.yaml,line=1,endLine=1,col=1,endColumn=1,title=not-judged::macro `Elsewhere` of net.yaml is not expanded
    ");
}

#[test]
fn junit_has_a_suite_for_each_class() {
    insta::assert_snapshot!(usual("junit", &typical()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="keyprint" tests="5" failures="2" skipped="2">
      <testsuite name="replacement" tests="1" failures="0" skipped="1">
        <testcase classname="replacement" name="log group /aws/lambda/rotate: is made anew under another name"><skipped message="acknowledged until 2026-12-31: nobody reads the old one"/></testcase>
      </testsuite>
      <testsuite name="broader" tests="1" failures="1" skipped="0">
        <testcase classname="broader" name="role orders-production-api: can read secret `orders/production/payment-provider`"><failure type="change-broader" message="role orders-production-api: can read secret `orders/production/payment-provider`">role orders-production-api: can read secret `orders/production/payment-provider`&#10;blueprints/orders.yaml:6:47&#10;now allowed: secretsmanager:GetSecretValue to arn:aws:iam::333333333333:role/orders-production-api on arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-?????? when aws:PrincipalArn = arn:aws:iam::333333333333:role/orders-production-api, aws:SecureTransport = true, aws:SourceVpce = vpce-0a1b, kms:CallerAccount = 333333333333&#10;this change is `broader-0badcafe`</failure></testcase>
      </testsuite>
      <testsuite name="weaker" tests="1" failures="1" skipped="0">
        <testcase classname="weaker" name="secret orders/production/orders-db: is rotated every 90 days instead of every 30"><failure type="change-weaker" message="secret orders/production/orders-db: is rotated every 90 days instead of every 30">secret orders/production/orders-db: is rotated every 90 days instead of every 30&#10;blueprints/orders.yaml:4:34&#10;this change is `weaker-0badcafe`</failure></testcase>
      </testsuite>
      <testsuite name="narrower" tests="1" failures="0" skipped="0">
        <testcase classname="narrower" name="role orders-production-worker: cannot describe secret `orders-db` any more"><system-out>role orders-production-worker: cannot describe secret `orders-db` any more, which was at orders/production/eu-west-1/orders.template.json#/Resources/WorkerPolicy/Properties/PolicyDocument&#10;was at orders/production/eu-west-1/orders.template.json#/Resources/WorkerPolicy/Properties/PolicyDocument&#10;now denied: secretsmanager:GetSecretValue to arn:aws:iam::333333333333:role/orders-production-api on arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-?????? when aws:PrincipalArn = arn:aws:iam::333333333333:role/orders-production-api, aws:SecureTransport = true, aws:SourceVpce = vpce-0a1b, kms:CallerAccount = 333333333333</system-out></testcase>
      </testsuite>
      <testsuite name="not-judged" tests="1" failures="0" skipped="1">
        <testcase classname="not-judged" name="macro `Elsewhere` of net.yaml is not expanded"><skipped message="macro `Elsewhere` of net.yaml is not expanded"/></testcase>
      </testsuite>
    </testsuites>
    "#);
}
