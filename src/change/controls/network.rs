//! Endpoints, security groups, and whatever else decides what reaches what.

use serde_json::Value;

use super::{Control, Rule, control};
use crate::change::Class;

const ENDPOINT: &str = "AWS::EC2::VPCEndpoint";
const GROUP: &str = "AWS::EC2::SecurityGroup";
const PROXY: &str = "AWS::RDS::DBProxy";

pub(super) const CONTROLS: &[Control] = &[
    control(ENDPOINT, "/PolicyDocument", "its policy", Rule::Elsewhere),
    control(
        ENDPOINT,
        "/PrivateDnsEnabled",
        "whether the service's own name leads to it",
        Rule::TrueIsStronger(false),
    ),
    control(ENDPOINT, "/SecurityGroupIds", "the groups that guard it", Rule::Door),
    control(
        ENDPOINT,
        "/SubnetIds",
        "the subnets that it is in",
        Rule::Says(Class::Altered, "from a subnet's zone without it, requests cross zones or fail"),
    ),
    control(GROUP, "/SecurityGroupIngress", "what may come in", Rule::Elsewhere),
    control(GROUP, "/SecurityGroupEgress", "what may go out", Rule::Elsewhere),
    control("AWS::EC2::SecurityGroupIngress", "", "what may come in", Rule::Elsewhere),
    control("AWS::EC2::SecurityGroupEgress", "", "what may go out", Rule::Elsewhere),
    control(PROXY, "/RequireTLS", "whether connections must be encrypted", Rule::TrueIsStronger(false)),
    control(PROXY, "/DebugLogging", "whether statements are logged", Rule::FalseIsStronger(false)),
    control(
        PROXY,
        "/Auth",
        "the secrets that it reads",
        Rule::Says(Class::Altered, "its role must be able to read them"),
    ),
    control(
        PROXY,
        "/RoleArn",
        "the role that it runs under",
        Rule::Says(Class::Broader, "somebody else comes by the role"),
    ),
    control(
        "AWS::Glue::Connection",
        "/ConnectionInput",
        "how jobs connect",
        Rule::Says(Class::Altered, "jobs read another secret or another address"),
    ),
];

/// What a rule of a security group admits, apart from its description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::change) struct Admission {
    peer: String,
    protocol: String,
    ports: (i64, i64),
}

/// The rules that stand in a property, or that a resource is.
pub(in crate::change) fn rules(value: Option<&Value>) -> Vec<Admission> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().map(admission).collect(),
        Some(one) => vec![admission(one)],
    }
}

const PEERS: [&str; 8] = [
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "SourcePrefixListId",
    "DestinationSecurityGroupId",
    "DestinationPrefixListId",
    "SourceSecurityGroupOwnerId",
];

fn admission(rule: &Value) -> Admission {
    let text =
        |name: &str| rule.get(name).map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
    let peer =
        PEERS.iter().filter_map(|name| Some(format!("{name} {}", text(name)?))).collect::<Vec<_>>().join(" ");
    let port = |name: &str, default: i64| text(name).and_then(|it| it.parse().ok()).unwrap_or(default);
    let protocol = text("IpProtocol").unwrap_or_else(|| "-1".to_owned());
    let all = protocol == "-1";
    let from = if all { 0 } else { port("FromPort", 0) };
    let to = if all { 65_535 } else { port("ToPort", 65_535) };
    Admission { peer, protocol, ports: if from < 0 { (0, 65_535) } else { (from, to) } }
}

impl Admission {
    /// Whether everything that another rule admits is admitted by this one.
    pub(in crate::change) fn covers(&self, other: &Admission) -> bool {
        (self.peer == other.peer || holds(&self.peer, &other.peer))
            && (self.protocol == "-1" || self.protocol == other.protocol)
            && self.ports.0 <= other.ports.0
            && self.ports.1 >= other.ports.1
    }

    /// The rule in words.
    pub(in crate::change) fn said(&self) -> String {
        let protocol = if self.protocol == "-1" { "everything".to_owned() } else { self.protocol.clone() };
        let ports = match self.ports {
            (0, 65_535) => String::new(),
            (from, to) if from == to => format!(" to port {from}"),
            (from, to) => format!(" to ports {from} to {to}"),
        };
        let peer = self.peer.split_once(' ').map_or("", |(_, peer)| peer);
        let peer = crate::access::readable(peer);
        let peer =
            if peer.contains('?') || peer.is_empty() { "a security group of the template" } else { &peer };
        format!("{protocol}{ports}, {peer}")
    }
}

/// Whether an address range holds another.
fn holds(wide: &str, narrow: &str) -> bool {
    let parse = |text: &str| -> Option<(std::net::IpAddr, u32)> {
        let (address, length) = text.split_once(' ')?.1.split_once('/')?;
        Some((address.parse().ok()?, length.parse().ok()?))
    };
    let (Some((wide, length)), Some((narrow, own))) = (parse(wide), parse(narrow)) else { return false };
    let prefix = |bits: u128, width: u32| {
        if length == 0 { 0 } else { bits >> width.saturating_sub(length).min(127) }
    };
    match (wide, narrow) {
        (std::net::IpAddr::V4(wide), std::net::IpAddr::V4(narrow)) => {
            let bits = |it: std::net::Ipv4Addr| u128::from(it.to_bits());
            length <= own && prefix(bits(wide), 32) == prefix(bits(narrow), 32)
        }
        (std::net::IpAddr::V6(wide), std::net::IpAddr::V6(narrow)) => {
            length <= own && prefix(wide.to_bits(), 128) == prefix(narrow.to_bits(), 128)
        }
        (_, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wider_rule_covers_a_narrower_one() {
        let rule = |value: Value| admission(&value);
        let all = rule(json!({ "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }));
        let some =
            rule(json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": "443", "CidrIp": "10.1.0.0/16" }));
        let other = rule(
            json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "SourceSecurityGroupId": "sg-1" }),
        );
        let v6 = rule(json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv6": "::/0" }));
        assert!(all.covers(&some) && !some.covers(&all) && some.covers(&some));
        assert!(!all.covers(&other) && !all.covers(&v6) && !v6.covers(&some));
        assert_eq!(some.said(), "tcp to port 443, 10.1.0.0/16");
        assert_eq!(rules(None), []);
        assert_eq!(rules(Some(&json!([{}, {}]))).len(), 2);
    }
}
