"""The protocol's own client, of PyPI, against `awsx mcp`: prints what it hears as JSON. The first argument is the mode that
it negotiates with, the second awsx, the others are `TOOL={"argument": …}`."""

import asyncio
import json
import os
import sys

from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client


async def main(mode, awsx, calls):
    server = StdioServerParameters(command=awsx, args=["mcp"], env=dict(os.environ))
    heard = {"tools": [], "calls": []}
    async with Client(stdio_client(server), mode=mode) as client:
        heard["version"] = client.protocol_version
        for tool in (await client.list_tools()).tools:
            heard["tools"].append(tool.name)
        for call in calls:
            name, arguments = call.split("=", 1)
            result = await client.call_tool(name, json.loads(arguments))
            heard["calls"].append(
                {
                    "error": result.is_error,
                    "document": result.structured_content,
                    "text": json.loads(result.content[0].text),
                }
            )
    print(json.dumps(heard))


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
