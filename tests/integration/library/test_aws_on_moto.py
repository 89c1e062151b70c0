"""The shipped AWS instructions, run by the real AWS CLI against a stand-in for AWS on loopback."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from itops.domain.instruction import Instruction
from itops.instructions.runbooks.runbook_loader import library_dir, load_folder
from itops.scripts.renderer import placeholders, render

pytest.importorskip("moto.server", reason="moto is not installed")
BIN = Path(sys.executable).parent
if not (BIN / "aws").exists():
    pytest.skip("the AWS CLI is not installed", allow_module_level=True)

LIBRARY = {instruction.id: instruction for instruction in load_folder(library_dir() / "aws").instructions}
ACCOUNT = "123456789012"
REGION = "eu-west-1"
WAITS = None
"""The exit code of a verification that would go on waiting."""
DOCUMENT = (
    '{"Version": "2012-10-17", "Statement":'
    ' [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
)
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}'


@dataclass
class Account:
    """A made-up AWS account: what is in it by the client of a service, and instructions run in it."""

    url: str
    home: Path
    said: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        import boto3

        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        return boto3.client(service, region_name=REGION, endpoint_url=self.url, **keys)

    def run(
        self, name: str, kind: str = "run", /, *, stdin: str = "", patience: float = 90, **values: str
    ) -> int | None:
        """The exit code of a block, as the executor would run it; ``said`` is what it printed."""
        instruction = LIBRARY[f"aws.{name}"]
        block = next(block for block in instruction.blocks if block.kind == kind)
        known = {"region": REGION, **defaults(instruction), **self.ids, **values}
        text = render(block.text, block.language, {each: known[each] for each in placeholders(block.text)})
        bash = block.language == "bash"
        self.said = ""
        for command in [["bash", "-c", text]] if bash else [shlex.split(line) for line in text.splitlines()]:
            code = self._command(command, stdin, patience)
            if code != 0:
                return code
        return 0

    def _command(self, command: list[str], stdin: str, patience: float) -> int | None:
        environment = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_DEFAULT_REGION": "us-east-1",  # of what is global; everything else says its own
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "HTTPS_PROXY": "http://127.0.0.1:9",  # nothing gets past the loopback
            "NO_PROXY": "127.0.0.1",
        }
        try:
            done = subprocess.run(
                command, env=environment, input=stdin, capture_output=True, text=True, timeout=patience, check=False
            )
        except subprocess.TimeoutExpired:
            return WAITS
        self.said += done.stdout + done.stderr
        return done.returncode

    def does(self, name: str, /, *, before: bool = True, rolls_back: bool = False, **values: str) -> None:
        """Run an instruction: its verification fails before, succeeds after, and fails again after the rollback."""
        if before:
            assert self.run(name, "verify", **values) not in (0, WAITS), self.said
        assert self.run(name, **values) == 0, self.said
        assert self.run(name, "verify", **values) == 0, self.said
        if rolls_back:
            assert self.run(name, "rollback", **values) == 0, self.said
        if rolls_back and before:
            assert self.run(name, "verify", **values) not in (0, WAITS), self.said


def defaults(instruction: Instruction) -> dict[str, str]:
    return {one.name: one.default for one in instruction.parameters if one.default is not None}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    account = Account(url=f"http://{host}:{port}", home=tmp_path_factory.mktemp("home"))
    fill(account)
    yield account
    server.stop()


def fill(account: Account) -> None:
    """What most of the instructions need: a network, a bucket, an identity, a role, a cluster of each kind."""
    ec2, s3, iam = account.client("ec2"), account.client("s3"), account.client("iam")
    account.ids["image"] = ec2.describe_images()["Images"][0]["ImageId"]
    account.ids["vpc"] = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    account.ids["instance"] = launch(account, "Name=web")
    group = ec2.create_security_group(GroupName="web", Description="Web", VpcId=account.ids["vpc"])
    account.ids["security_group"] = group["GroupId"]
    for bucket in ("acme-reports", "acme-archive"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="acme-reports", Key="2026/report.pdf", Body=b"report")
    iam.create_user(UserName="alice")
    iam.create_group(GroupName="developers")
    role = iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=DOCUMENT)["Role"]["Arn"]
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    eks, ecs = account.client("eks"), account.client("ecs")
    eks.create_cluster(name="prod", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
    sizes = {"minSize": 1, "maxSize": 6, "desiredSize": 2}
    eks.create_nodegroup(
        clusterName="prod", nodegroupName="workers", subnets=subnets, nodeRole=role, scalingConfig=sizes
    )
    ecs.create_cluster(clusterName="prod")
    ecs.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "web", "memory": 64}])
    ecs.create_service(cluster="prod", serviceName="web", taskDefinition="web", desiredCount=1)
    account.client("rds").create_db_instance(
        DBInstanceIdentifier="orders-db", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20
    )
    logs = account.client("logs")
    for name in ("/app/orders", "/app/orders-old"):
        logs.create_log_group(logGroupName=name)


def launch(account: Account, tag: str) -> str:
    key, _, value = tag.partition("=")
    tags = [{"ResourceType": "instance", "Tags": [{"Key": key, "Value": value}]}]
    made = account.client("ec2").run_instances(
        ImageId=account.ids["image"], MinCount=1, MaxCount=1, InstanceType="t3.micro", TagSpecifications=tags
    )
    return str(made["Instances"][0]["InstanceId"])


def state(account: Account, instance: str) -> str:
    found = account.client("ec2").describe_instances(InstanceIds=[instance])
    return str(found["Reservations"][0]["Instances"][0]["State"]["Name"])


READS = {
    "ec2.list": "web",
    "ec2.show": "t3.micro",
    "ec2.security-group-rules": "0.0.0.0/0",
    "s3.bucket-size": "Total Size: 6 Bytes",
    "s3.folder": "report.pdf",
    "s3.public-access": "blocks no public access by itself",
    "s3.bucket-policy": "no policy",
    "iam.show-role": "ec2.amazonaws.com",
    "vpc.unused-security-groups": "web",
    "eks.nodegroups": "workers",
    "ecs.services": "web",
    "ecs.show-service": "ACTIVE",
    "ecs.stopped-tasks": "No task stopped",
}
"""What each of these shows of the account."""
NAMES = {
    "bucket": "acme-reports",
    "prefix": "2026",
    "user": "alice",
    "role": "deploy",
    "cluster": "prod",
    "service": "web",
}


@pytest.mark.parametrize("name", READS)
def test_what_is_there_is_shown(account: Account, name: str) -> None:
    assert account.run(name, **NAMES) == 0, account.said
    assert READS[name] in account.said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ec2.show", {"instance": "i-0123456789abcdef0"}),
        ("ec2.security-group-rules", {"security_group": "sg-0123456789abcdef0"}),
        ("vpc.subnets", {"vpc": "vpc-0123456789abcdef0"}),
        ("s3.bucket-size", {"bucket": "acme-missing"}),
        ("s3.lifecycle", {"bucket": "acme-missing"}),
        ("iam.access-keys", {"user": "nobody"}),
        ("ecs.show-service", {"cluster": "prod", "service": "missing"}),
        ("cloudwatch.instance-cpu", {"instance": "i-0123456789abcdef0"}),
    ],
)
def test_what_is_missing_is_no_empty_answer(account: Account, name: str, value: dict[str, str]) -> None:
    assert account.run(name, **value) not in (0, WAITS)
    assert account.said.strip()


def test_an_instance_is_stopped_and_started(account: Account) -> None:
    instance = launch(account, "Name=stop")
    assert account.run("ec2.stop", "verify", instance=instance, patience=4) is WAITS
    account.does("ec2.stop", before=False, rolls_back=True, instance=instance)
    assert state(account, instance) == "running"
    account.does("ec2.start", before=False, rolls_back=True, instance=instance)
    assert state(account, instance) == "stopped"


def test_an_instance_is_rebooted_and_terminated(account: Account) -> None:
    instance = launch(account, "Name=terminate")
    account.does("ec2.reboot", before=False, instance=instance)
    account.does("ec2.terminate", before=False, instance=instance)
    assert state(account, instance) == "terminated"


def test_all_instances_with_a_tag_are_stopped_and_no_other(account: Account) -> None:
    tag = {"tag": "Environment=dev"}
    assert account.run("ec2.stop-by-tag", **tag) == 0
    assert "nothing to do" in account.said
    one, two, other = (launch(account, f"Environment={value}") for value in ("dev", "dev", "development"))
    account.does("ec2.stop-by-tag", before=False, **tag)
    assert [state(account, each) for each in (one, two, other)] == ["stopped", "stopped", "running"]
    assert account.run("ec2.stop-by-tag", **tag) == 0
    account.does("ec2.start-by-tag", before=False, **tag)
    assert [state(account, each) for each in (one, two)] == ["running", "running"]


def test_an_instance_is_resized_unless_the_type_is_unknown(account: Account) -> None:
    instance = launch(account, "Name=resize")
    assert account.run("ec2.resize", instance=instance, instance_type="t3.enormous") != 0
    assert state(account, instance) == "running"
    account.does("ec2.resize", instance=instance, instance_type="t3.large")


def test_disks_are_saved_grown_and_deleted(account: Account) -> None:
    ec2 = account.client("ec2")
    volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8)["VolumeId"]
    account.does("ec2.create-snapshot", before=False, volume=volume, name="before-upgrade")
    snapshot = ec2.describe_snapshots(Filters=[{"Name": "volume-id", "Values": [volume]}])["Snapshots"][0]
    account.does("ec2.delete-snapshot", snapshot=snapshot["SnapshotId"])
    account.does("ec2.grow-volume", volume=volume, gigabytes="16")
    account.does("ec2.delete-volume", before=False, volume=volume)
    account.does("ec2.create-image", before=False, name="web-before-upgrade")


def test_a_port_is_opened_and_closed(account: Account) -> None:
    rule = {"port": "443", "cidr": "203.0.113.0/24"}
    account.does("ec2.open-port", rolls_back=True, **rule)
    assert account.run("ec2.open-port", **rule) == 0
    assert account.run("ec2.close-port", "verify", port="443", cidr="203.0.113.0/25") == 0
    account.does("ec2.close-port", **rule)


def test_tags_and_addresses(account: Account) -> None:
    account.does("ec2.add-tag", resource=account.ids["instance"], tag="Owner=anna")
    assert account.run("ec2.find-by-tag", tag="Owner=anna") == 0
    assert account.ids["instance"] in account.said
    address = account.client("ec2").allocate_address(Domain="vpc")
    account.does("ec2.release-address", allocation=address["AllocationId"])


def test_a_bucket_is_made_and_protected(account: Account) -> None:
    account.does("s3.create-bucket", rolls_back=True, bucket="acme-new")
    account.does("s3.block-public-access", bucket="acme-archive")
    account.does("s3.enable-versioning", rolls_back=True, bucket="acme-archive")


def test_objects_go_to_and_from_a_bucket(account: Account, tmp_path: Path) -> None:
    source, copy = tmp_path / "a file", tmp_path / "copy"
    source.write_text("text", encoding="utf-8")
    there = {"bucket": "acme-archive", "object": "in/a.txt"}
    account.does("s3.upload", path=str(source), **there)
    account.does("s3.download", path=str(copy), **there)
    assert copy.read_text(encoding="utf-8") == "text"
    source.write_text("another text", encoding="utf-8")
    assert account.run("s3.upload", path=str(source), **there) == 1
    assert account.run("s3.download", path=str(copy), **there) == 1
    assert "nothing was copied" in account.said
    account.does("s3.sync", path=str(tmp_path), bucket="acme-archive", prefix="all")
    assert account.run("s3.presign", **there) == 0
    assert account.said.startswith("http")
    account.does("s3.copy-object", bucket="acme-archive", object="all/copy", destination="acme-reports")
    account.does("s3.delete-object", before=False, bucket="acme-reports", object="all/copy")


def test_a_user_is_made_and_given_rights(account: Account) -> None:
    account.does("iam.create-user", before=False, rolls_back=True, user="new")
    account.does("iam.add-to-group", user="alice", group="developers")
    account.does("iam.remove-from-group", rolls_back=True, user="alice", group="developers")
    policy = account.client("iam").create_policy(PolicyName="read", PolicyDocument=POLICY)["Policy"]["Arn"]
    account.does("iam.attach-policy", user="alice", policy=policy)
    account.does("iam.detach-policy", user="alice", policy=policy)


def test_a_key_is_deactivated_and_a_console_password_is_set_and_taken(account: Account) -> None:
    from moto.iam.models import iam_backends

    iam = account.client("iam")
    iam.create_user(UserName="carol")
    key = iam.create_access_key(UserName="carol")["AccessKey"]["AccessKeyId"]
    account.does("iam.deactivate-key", rolls_back=True, user="carol", key=key)
    assert account.run("iam.access-keys", user="carol") == 0
    assert key in account.said
    assert account.run("iam.reset-console-password", user="carol") != 0
    for password in ("First-word-1", "Second-word-2"):
        assert account.run("iam.reset-console-password", user="carol", stdin=f"{password}\n") == 0
        assert password not in account.said
        assert iam_backends[ACCOUNT]["global"].users["carol"].password == password
    assert account.run("iam.users-without-mfa") == 0
    assert "carol" in account.said
    account.does("iam.remove-console-login", user="carol")
    account.does("iam.credential-report")


def test_a_database_is_stopped_started_and_saved(account: Account) -> None:
    database = {"database": "orders-db"}
    account.does("rds.stop", rolls_back=True, **database)
    account.does("rds.reboot", before=False, **database)
    account.does("rds.create-snapshot", before=False, rolls_back=True, snapshot_name="before-upgrade", **database)


def test_logs_are_kept_for_some_days(account: Account) -> None:
    account.client("logs").put_retention_policy(logGroupName="/app/orders-old", retentionInDays=30)
    account.does("logs.set-retention", log_group="/app/orders", days="30")


def test_clusters_are_scaled_and_set_up(account: Account) -> None:
    account.does("eks.scale-nodegroup", cluster="prod", nodegroup="workers", count="4")
    account.does("eks.update-kubeconfig", cluster="prod")
    account.does("ecs.scale-service", before=False, cluster="prod", service="web", count="0")
    account.does("ecs.restart-service", before=False, cluster="prod", service="web")


def test_a_name_is_pointed_to_an_address(account: Account) -> None:
    zone = account.client("route53").create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    for address in ("203.0.113.7", "203.0.113.8"):
        account.does("route53.set-record", zone=zone.rpartition("/")[2], host="www.example.com", address=address)


def test_a_scaling_group_is_set_to_a_size(account: Account) -> None:
    scaling = account.client("autoscaling")
    scaling.create_launch_configuration(
        LaunchConfigurationName="web", ImageId=account.ids["image"], InstanceType="t3.micro"
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web-asg",
        LaunchConfigurationName="web",
        MinSize=0,
        MaxSize=6,
        AvailabilityZones=[f"{REGION}a"],
    )
    account.does("autoscaling.set-desired", scaling_group="web-asg", count="2")
