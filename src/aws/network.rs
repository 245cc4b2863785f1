//! Ids and names in a network.

use super::form::{id, only, text_form};

text_form! {
    /// The id of a VPC.
    VpcId: "a VPC id", 5..=21, |text| id(text, "vpc-", hexadecimal),
    pattern "^vpc-[0-9a-f]{1,17}$", rule "a VPC id is `vpc-` and up to 17 hexadecimal digits",
    example "vpc-0a1b2c3d4e5f60718"
}

text_form! {
    /// The id of a subnet.
    SubnetId: "a subnet id", 8..=24, |text| id(text, "subnet-", hexadecimal),
    pattern "^subnet-[0-9a-f]{1,17}$", rule "a subnet id is `subnet-` and up to 17 hexadecimal digits",
    example "subnet-0a1b2c3d4e5f60718"
}

text_form! {
    /// The id of a security group.
    SecurityGroupId: "a security group id", 4..=20, |text| id(text, "sg-", hexadecimal),
    pattern "^sg-[0-9a-f]{1,17}$", rule "a security group id is `sg-` and up to 17 hexadecimal digits",
    example "sg-0a1b2c3d4e5f60718"
}

text_form! {
    /// A DNS name.
    HostName: "a host name", 1..=253,
    |text| only(text, ".-") && text.split('.').all(|label| {
        (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    }),
    pattern "^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$",
    rule "a host name has labels of letters, digits and hyphens with dots between, and no port",
    example "orders.cluster-x.eu-west-1.rds.amazonaws.com"
}

fn hexadecimal(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Form;

    #[test]
    fn ids_are_hexadecimal() {
        assert!(VpcId::parse("vpc-0aa1").is_ok());
        assert!(VpcId::parse("vpc-").is_err());
        assert!(VpcId::parse("vpc-0AA1").is_err());
        assert!(SubnetId::parse("sg-0aa1").is_err());
    }

    #[test]
    fn a_host_name_has_no_port() {
        assert!(HostName::parse("db.example.com").is_ok());
        assert!(HostName::parse("db.example.com:5432").is_err());
        assert!(HostName::parse("db..com").is_err());
    }
}
