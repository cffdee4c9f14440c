"""Answers everything an AWS endpoint holds: an independent read for the tests, by boto3.

A script for boto3-scripts.py. Keys are kinds, values lists of {id, name, tags, …}. Terminated instances are left out.
"""

import time

ec2, asg, elb = (client(name) for name in ("ec2", "autoscaling", "elbv2"))


def tags(items):
    return {item["Key"]: item["Value"] for item in items or []}


def pages(client, operation, key, **arguments):
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[key]


def elb_tags(arns):
    found = {}
    for start in range(0, len(arns), 20):
        for each in elb.describe_tags(ResourceArns=arns[start : start + 20])["TagDescriptions"]:
            found[each["ResourceArn"]] = tags(each["Tags"])
    return found


def elb_kind(read, arn, name):
    """What is listed, with its tags; read again where something has gone in between."""
    for left in reversed(range(10)):
        try:
            items = list(read())
            found = elb_tags([item[arn] for item in items])
            break
        except elb.exceptions.ClientError as error:
            if left == 0 or "NotFound" not in error.response["Error"]["Code"]:
                raise
            time.sleep(0.2)
    return [{"id": item[arn], "name": item.get(name), "tags": found.get(item[arn], {}), "raw": item} for item in items]


def listeners_of(balancer):
    try:
        return list(pages(elb, "describe_listeners", "Listeners", LoadBalancerArn=balancer))
    except elb.exceptions.LoadBalancerNotFoundException:
        return []


state = {
    "security-group": [
        {"id": g["GroupId"], "name": g["GroupName"], "tags": tags(g.get("Tags")), "raw": g}
        for g in pages(ec2, "describe_security_groups", "SecurityGroups")
        if g["GroupName"] != "default"
    ],
    "launch-template": [
        {"id": t["LaunchTemplateId"], "name": t["LaunchTemplateName"], "tags": tags(t.get("Tags")), "raw": t}
        for t in pages(ec2, "describe_launch_templates", "LaunchTemplates")
    ],
    "instance": [
        {"id": i["InstanceId"], "tags": tags(i.get("Tags")), "state": i["State"]["Name"], "raw": i}
        for r in pages(ec2, "describe_instances", "Reservations")
        for i in r["Instances"]
        if i["State"]["Name"] != "terminated"
    ],
    "volume": [
        {"id": v["VolumeId"], "tags": tags(v.get("Tags"))} for v in pages(ec2, "describe_volumes", "Volumes")
    ],
    "image": [
        {"id": i["ImageId"], "name": i["Name"], "tags": tags(i.get("Tags")), "raw": i}
        for i in ec2.describe_images(Owners=["self"])["Images"]
    ],
    "snapshot": [
        {"id": s["SnapshotId"], "tags": tags(s.get("Tags")), "volume": s.get("VolumeId")}
        for s in pages(ec2, "describe_snapshots", "Snapshots", OwnerIds=["self"])
    ],
    "key-pair": [
        {"id": k["KeyPairId"], "name": k["KeyName"], "tags": tags(k.get("Tags"))}
        for k in ec2.describe_key_pairs()["KeyPairs"]
    ],
    "network-interface": [
        {"id": n["NetworkInterfaceId"], "description": n.get("Description"), "tags": tags(n.get("TagSet"))}
        for n in pages(ec2, "describe_network_interfaces", "NetworkInterfaces")
    ],
    "load-balancer": elb_kind(
        lambda: pages(elb, "describe_load_balancers", "LoadBalancers"), "LoadBalancerArn", "LoadBalancerName"
    ),
    "target-group": elb_kind(
        lambda: pages(elb, "describe_target_groups", "TargetGroups"), "TargetGroupArn", "TargetGroupName"
    ),
    "auto-scaling-group": [
        {
            "id": g["AutoScalingGroupName"],
            "name": g["AutoScalingGroupName"],
            "tags": tags(g.get("Tags")),
            "raw": g,
        }
        for g in pages(asg, "describe_auto_scaling_groups", "AutoScalingGroups")
    ],
}
state["listener"] = [
    {**each, "name": None}
    for balancer in state["load-balancer"]
    for each in elb_kind(
        lambda: listeners_of(balancer["id"]), "ListenerArn", "Port"
    )
]
answer(state)
