"""Sample queries for the logs of Lambda, VPC, Route 53, CloudTrail, AppSync and EventBridge."""

from __future__ import annotations

from localaws_testing.insights import logs
from localaws_testing.insights.expected import Query, at, whole

SERVICES: list[Query] = [
    # 128 MB are 128,000,000 bytes here, as in Lambda's fields: 122.0703 times 1024 times 1024.
    (logs.FUNCTION, """filter @type = "REPORT"
    | stats max(@memorySize / 1024 / 1024) as provisonedMemoryMB,
        min(@maxMemoryUsed / 1024 / 1024) as smallestMemoryRequestMB,
        avg(@maxMemoryUsed / 1024 / 1024) as avgMemoryUsedMB,
        max(@maxMemoryUsed / 1024 / 1024) as maxMemoryUsedMB,
        provisonedMemoryMB - maxMemoryUsedMB as overProvisionedMB""", [
        {"provisonedMemoryMB": "122.0703", "smallestMemoryRequestMB": "77.2476", "avgMemoryUsedMB": "82.9697",
         "maxMemoryUsedMB": "85.8307", "overProvisionedMB": "36.2396"},
    ]),
    (logs.FUNCTION, 'filter @type = "REPORT" |\n    stats avg(@duration), max(@duration), min(@duration) by bin(5m)', [
        {"bin(5m)": at(0), "avg(@duration)": "12.34", "max(@duration)": "12.34", "min(@duration)": "12.34"},
        {"bin(5m)": at(5), "avg(@duration)": "1750.375", "max(@duration)": "2000.25", "min(@duration)": "1500.5"},
    ]),
    (logs.FUNCTION, """fields @timestamp, @requestId, @message, @logStream
    | filter @type = "REPORT" and @duration > 1000
    | sort @timestamp desc
    | dedup @requestId
    | limit 20""", [
        whole(logs.FUNCTION, 3)[0] | {"@requestId": logs.TWO, "@logStream": "stream"},
    ]),
    (logs.FLOWS, """stats sum(packets) as packetsTransferred by srcAddr, dstAddr
    | sort packetsTransferred  desc
    | limit 15""", [
        {"srcAddr": "192.0.2.77", "dstAddr": "10.0.0.2", "packetsTransferred": "20"},
        {"srcAddr": "192.0.2.5", "dstAddr": "10.0.0.1", "packetsTransferred": "17"},
        {"srcAddr": "198.51.100.9", "dstAddr": "10.0.0.1", "packetsTransferred": "1"},
    ]),
    (logs.FLOWS, """filter isIpv4InSubnet(srcAddr, "192.0.2.0/24")
    | stats sum(bytes) as bytesTransferred by dstAddr
    | sort bytesTransferred desc
    | limit 15""", [
        {"dstAddr": "10.0.0.2", "bytesTransferred": "4000"}, {"dstAddr": "10.0.0.1", "bytesTransferred": "1700"},
    ]),
    (logs.FLOWS, "filter protocol=17 | stats count(*) by srcAddr", [
        {"srcAddr": "192.0.2.5", "count(*)": "1"}, {"srcAddr": "198.51.100.9", "count(*)": "1"},
    ]),
    (logs.FLOWS, 'filter logStatus="SKIPDATA"\n    | stats count(*) by bin(1h) as t\n    | sort t', [
        {"t": at(0, 0, 11), "count(*)": "1"},
    ]),
    (logs.FLOWS, """fields @timestamp, srcAddr, dstAddr, srcPort, dstPort, protocol, bytes
    | filter logStream = 'vpc-flow-logs' and interfaceId = 'eni-0123456789abcdef0'
    | sort @timestamp desc
    | dedup srcAddr, dstAddr, srcPort, dstPort, protocol
    | limit 20""", [
        {"@timestamp": at(1, 30), "srcAddr": "192.0.2.5", "dstAddr": "10.0.0.1", "srcPort": "443", "dstPort": "5000",
         "protocol": "6", "bytes": "200"},
        {"@timestamp": at(1), "srcAddr": "192.0.2.5", "dstAddr": "10.0.0.1", "srcPort": "443", "dstPort": "5000",
         "protocol": "17", "bytes": "500"},
    ]),
    (logs.FLOWS, """filter (dstAddr like '10.0.0.1' and srcAddr like '192.0.')
    | stats sum(bytes) as bytesTransferred by srcAddr, dstAddr
    | sort bytesTransferred desc
    | limit 10""", [{"srcAddr": "192.0.2.5", "dstAddr": "10.0.0.1", "bytesTransferred": "1700"}]),
    (logs.NAMES, "stats count(*) by queryType, bin(1h)", [
        {"queryType": "A", "bin(1h)": at(0), "count(*)": "1"},
        {"queryType": "A", "bin(1h)": at(0, 0, 11), "count(*)": "2"},
        {"queryType": "AAAA", "bin(1h)": at(0), "count(*)": "1"},
    ]),
    (logs.NAMES, "stats count(*) as numRequests by resolverIp\n    | sort numRequests desc\n    | limit 10", [
        {"resolverIp": "1.1.1.1", "numRequests": "3"}, {"resolverIp": "2.2.2.2", "numRequests": "1"},
    ]),
    (logs.NAMES, 'filter responseCode="SERVFAIL" | stats count(*) by queryName', [
        {"queryName": "b.example", "count(*)": "2"},
    ]),
    (logs.TRAIL, "stats count(*) by eventSource, eventName, awsRegion", [
        {"eventSource": "cloudtrail.amazonaws.com", "eventName": "UpdateTrail", "awsRegion": "us-east-1",
         "count(*)": "2"},
        {"eventSource": "ec2.amazonaws.com", "eventName": "StartInstances", "awsRegion": "us-east-2", "count(*)": "1"},
        {"eventSource": "ec2.amazonaws.com", "eventName": "StopInstances", "awsRegion": "us-east-1", "count(*)": "1"},
        {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "awsRegion": "us-east-1", "count(*)": "1"},
        {"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "awsRegion": "us-east-1", "count(*)": "2"},
    ]),
    (logs.TRAIL, 'filter (eventName="StartInstances" or eventName="StopInstances") and region="us-east-2"',
     whole(logs.TRAIL, 0)),
    (logs.TRAIL, """filter eventName="CreateUser"
    | fields awsRegion, requestParameters.userName, responseElements.user.arn""", [
        {"awsRegion": "us-east-1", "requestParameters.userName": "ann", "responseElements.user.arn": "arn:ann"},
    ]),
    (logs.TRAIL, """filter eventName="UpdateTrail" and ispresent(errorCode)
    | stats count(*) by errorCode, errorMessage""", [
        {"errorCode": "Denied", "errorMessage": "no", "count(*)": "1"},
    ]),
    (logs.TRAIL, """filter tlsDetails.tlsVersion in [ "TLSv1", "TLSv1.1" ]
    | stats count(*) as numOutdatedTlsCalls by userIdentity.accountId, recipientAccountId, eventSource, eventName,
        awsRegion, tlsDetails.tlsVersion, tlsDetails.cipherSuite, userAgent
    | sort eventSource, eventName, awsRegion, tlsDetails.tlsVersion""", [
        {"userIdentity.accountId": "111", "recipientAccountId": "222", "eventSource": "kms.amazonaws.com",
         "eventName": "Decrypt", "awsRegion": "us-east-1", "tlsDetails.tlsVersion": "TLSv1",
         "tlsDetails.cipherSuite": "AES", "userAgent": "old", "numOutdatedTlsCalls": "1"},
    ]),
    (logs.TRAIL, """filter tlsDetails.tlsVersion in [ "TLSv1", "TLSv1.1" ]
    | stats count(*) as numOutdatedTlsCalls by eventSource
    | sort numOutdatedTlsCalls desc""", [{"eventSource": "kms.amazonaws.com", "numOutdatedTlsCalls": "1"}]),
    (logs.REQUESTS, """fields @timestamp, status, ip, path, httpMethod
    | filter status>=400 and status<=499
    | sort @timestamp desc
    | limit 10""", [
        {"@timestamp": at(1, 35), "status": "429", "ip": "1.2.3.5", "path": "/c", "httpMethod": "GET"},
        {"@timestamp": at(0, 30), "status": "404", "ip": "1.2.3.4", "path": "/b", "httpMethod": "GET"},
    ]),
    (logs.REQUESTS, """fields @timestamp, status, ip, path, httpMethod, responseLatency
    | sort responseLatency desc
    | limit 2""", [
        {"@timestamp": at(1), "status": "500", "ip": "1.2.3.5", "path": "/a", "httpMethod": "PUT",
         "responseLatency": "900"},
        {"@timestamp": at(1, 30), "status": "200", "ip": "1.2.3.4", "path": "/a", "httpMethod": "GET",
         "responseLatency": "35"},
    ]),
    (logs.REQUESTS, "stats count(*) as requestCount by path\n    | sort requestCount desc\n    | limit 10", [
        {"path": "/a", "requestCount": "3"}, {"path": "/b", "requestCount": "2"}, {"path": "/c", "requestCount": "1"},
    ]),
    (logs.REQUESTS, """filter status=200
    | stats avg(integrationLatency), max(integrationLatency), min(integrationLatency) by bin(1m)""", [
        {"bin(1m)": at(0), "avg(integrationLatency)": "10", "max(integrationLatency)": "10",
         "min(integrationLatency)": "10"},
        {"bin(1m)": at(1), "avg(integrationLatency)": "25", "max(integrationLatency)": "30",
         "min(integrationLatency)": "20"},
    ]),
    (logs.BUS, """fields @timestamp, @message
    | stats count(*) as numberOfEvents by `detail-type`
    | sort numberOfEvents desc""", [
        {"detail-type": "Object Created", "numberOfEvents": "2"},
        {"detail-type": "Object Deleted", "numberOfEvents": "1"},
    ]),
]  # fmt: skip
