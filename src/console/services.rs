//! The services of AWS, and where the console has them.

use crate::profile::nearest;

/// A service in the console.
#[derive(Debug)]
pub(crate) struct Service {
    /// As the AWS CLI calls it
    pub name: &'static str,
    /// As people call it
    pub aliases: &'static [&'static str],
    /// Below the console's host. What stands behind `#` is for the page itself
    pub path: &'static str,
}

const fn service(
    name: &'static str,
    aliases: &'static [&'static str],
    path: &'static str,
) -> Service {
    Service { name, aliases, path }
}

/// The service of that name, in capitals or not.
pub(crate) fn find_service(name: &str) -> Option<&'static Service> {
    let is_it = |known: &&str| known.eq_ignore_ascii_case(name);
    SERVICES.iter().find(|one| is_it(&one.name) || one.aliases.iter().any(is_it))
}

/// What each is called.
pub(crate) fn service_names() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().flat_map(|one| [one.name].into_iter().chain(one.aliases.iter().copied()))
}

/// The name that is most like it.
pub(crate) fn services_near(name: &str) -> Option<&'static str> {
    nearest(&name.to_ascii_lowercase(), service_names())
}

#[rustfmt::skip]
const SERVICES: [Service; 110] = [
    service("accessanalyzer", &["access-analyzer"], "access-analyzer/home"),
    service("acm", &["certificates"], "acm/home"),
    service("amplify", &[], "amplify/home"),
    service("apigateway", &["apigw", "api-gateway", "apigatewayv2"], "apigateway/home"),
    service("appconfig", &[], "systems-manager/appconfig"),
    service("appmesh", &[], "appmesh/home"),
    service("apprunner", &[], "apprunner/home"),
    service("appstream", &[], "appstream2/home"),
    service("appsync", &[], "appsync/home"),
    service("athena", &[], "athena/home"),
    service("autoscaling", &["asg"], "ec2/home#AutoScalingGroups:"),
    service("backup", &[], "backup/home"),
    service("batch", &[], "batch/home"),
    service("bedrock", &[], "bedrock/home"),
    service("billing", &["bills"], "billing/home"),
    service("budgets", &[], "costmanagement/home#/budgets"),
    service("ce", &["cost-explorer", "costs"], "costmanagement/home#/cost-explorer"),
    service("cloud9", &[], "cloud9/home"),
    service("cloudformation", &["cfn", "stacks"], "cloudformation/home"),
    service("cloudfront", &["cdn"], "cloudfront/v4/home"),
    service("cloudhsmv2", &["cloudhsm"], "cloudhsm/home"),
    service("cloudshell", &[], "cloudshell/home"),
    service("cloudtrail", &["trail"], "cloudtrailv2/home"),
    service("cloudwatch", &["cw", "alarms"], "cloudwatch/home"),
    service("codeartifact", &[], "codesuite/codeartifact/domains"),
    service("codebuild", &[], "codesuite/codebuild/projects"),
    service("codecommit", &[], "codesuite/codecommit/repositories"),
    service("codedeploy", &["deploy"], "codesuite/codedeploy/applications"),
    service("codepipeline", &["pipelines"], "codesuite/codepipeline/pipelines"),
    service("cognito-identity", &["identity-pools"], "cognito/v2/identity/identity-pools"),
    service("cognito-idp", &["cognito", "user-pools"], "cognito/v2/idp/user-pools"),
    service("compute-optimizer", &[], "compute-optimizer/home"),
    service("config", &["configservice", "aws-config"], "config/home"),
    service("connect", &[], "connect/v2/app/instances"),
    service("controltower", &["control-tower"], "controltower/home"),
    service("datasync", &[], "datasync/home"),
    service("detective", &[], "detective/home"),
    service("directconnect", &["dx"], "directconnect/v2/home"),
    service("dms", &[], "dms/v2/home"),
    service("docdb", &["documentdb"], "docdb/home"),
    service("ds", &["directory-service"], "directoryservicev2/home"),
    service("dynamodb", &["ddb", "dynamo"], "dynamodbv2/home"),
    service("ec2", &["instances"], "ec2/home"),
    service("ecr", &["registries"], "ecr/private-registry/repositories"),
    service("ecs", &[], "ecs/v2/clusters"),
    service("efs", &[], "efs/home"),
    service("eks", &["kubernetes"], "eks/clusters"),
    service("elasticache", &["redis", "valkey", "memcached"], "elasticache/home"),
    service("elasticbeanstalk", &["eb", "beanstalk"], "elasticbeanstalk/home"),
    service("elbv2", &["elb", "alb", "nlb", "load-balancers"], "ec2/home#LoadBalancers:"),
    service("emr", &[], "emr/home"),
    service("events", &["eventbridge"], "events/home"),
    service("firehose", &[], "firehose/home"),
    service("fis", &[], "fis/home"),
    service("fsx", &[], "fsx/home"),
    service("globalaccelerator", &["ga"], "globalaccelerator/home"),
    service("glue", &[], "glue/home"),
    service("grafana", &["amg"], "grafana/home"),
    service("guardduty", &["gd"], "guardduty/home"),
    service("health", &["phd"], "health/home"),
    service("iam", &[], "iam/home"),
    service("imagebuilder", &["image-builder"], "imagebuilder/home"),
    service("inspector2", &["inspector"], "inspector/v2/home"),
    service("iot", &[], "iot/home"),
    service("kafka", &["msk"], "msk/home"),
    service("kendra", &[], "kendra/home"),
    service("kinesis", &[], "kinesis/home"),
    service("kms", &[], "kms/home"),
    service("lakeformation", &["lf"], "lakeformation/home"),
    service("lambda", &["functions"], "lambda/home"),
    service("logs", &["cwl", "log-groups"], "cloudwatch/home#logsV2:log-groups"),
    service("macie2", &["macie"], "macie/home"),
    service("mediaconvert", &[], "mediaconvert/home"),
    service("memorydb", &[], "memorydb/home"),
    service("mq", &["amazon-mq"], "amazon-mq/home"),
    service("mwaa", &["airflow"], "mwaa/home"),
    service("neptune", &[], "neptune/home"),
    service("network-firewall", &[], "vpcconsole/home#NetworkFirewalls:"),
    service("opensearch", &["aos", "es"], "aos/home"),
    service("organizations", &["org", "orgs"], "organizations/v2/home"),
    service("ram", &[], "ram/home"),
    service("rds", &["aurora", "databases"], "rds/home"),
    service("redshift", &[], "redshiftv2/home"),
    service("resource-explorer-2", &["resource-explorer"], "resource-explorer/home"),
    service("resource-groups", &[], "resource-groups/home"),
    service("route53", &["r53", "dns"], "route53/v2/home"),
    service("route53domains", &["domains"], "route53/domains/home"),
    service("route53resolver", &[], "route53resolver/home"),
    service("s3", &["buckets", "s3api"], "s3/home"),
    service("sagemaker", &[], "sagemaker/home"),
    service("scheduler", &[], "scheduler/home"),
    service("secretsmanager", &["secrets"], "secretsmanager/home"),
    service("securityhub", &["security-hub"], "securityhub/home"),
    service("service-quotas", &["quotas", "limits"], "servicequotas/home"),
    service("servicecatalog", &["service-catalog"], "servicecatalog/home"),
    service("servicediscovery", &["cloudmap"], "cloudmap/home"),
    service("ses", &["sesv2"], "ses/home"),
    service("shield", &[], "wafv2/shieldv2"),
    service("sns", &["topics"], "sns/v3/home"),
    service("sqs", &["queues"], "sqs/v3/home"),
    service("ssm", &["systems-manager"], "systems-manager/home"),
    service("ssm-parameters", &["params", "parameters", "parameter-store"], "systems-manager/parameters"),
    service("sso-admin", &["sso", "identity-center", "identitystore"], "singlesignon/home"),
    service("stepfunctions", &["sfn", "states", "step-functions"], "states/home"),
    service("storagegateway", &[], "storagegateway/home"),
    service("support", &["cases"], "support/home"),
    service("transfer", &["sftp"], "transfer/home"),
    service("vpc", &["subnets"], "vpcconsole/home"),
    service("wafv2", &["waf"], "wafv2/homev2"),
    service("xray", &["x-ray", "traces"], "cloudwatch/home#xray:service-map"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_name_is_one_service() {
        let mut names = BTreeSet::new();
        for Service { name, aliases, path } in &SERVICES {
            for name in [name].into_iter().chain(*aliases) {
                assert!(names.insert(name), "{name} is there twice");
                assert_eq!(find_service(&name.to_uppercase()).unwrap().path, *path, "{name}");
            }
            assert!(!path.starts_with('/') && !path.contains(['?', ' ']), "{path}");
        }
        assert!(SERVICES.is_sorted_by_key(|one| one.name));
    }

    #[test]
    fn what_is_misspelt_has_a_neighbour() {
        for (name, expected) in
            [("lamda", Some("lambda")), ("Dynamodb2", Some("dynamodb")), ("qqqqqqqq", None)]
        {
            assert_eq!(services_near(name), expected, "{name}");
        }
        assert!(find_service("nothing").is_none());
    }
}
