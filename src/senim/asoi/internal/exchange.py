"""One request over HTTP and the beginning of its answer."""

import httpx

from senim.asoi.internal.receipts import LARGEST


async def post(client: httpx.AsyncClient, url: httpx.URL, content: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Post `content` and read the answer, of which nobody takes more than a little over `LARGEST` bytes.

    Raises `httpx.HTTPError`, `OSError`.
    """
    headers = {**headers, "Connection": "close", "Accept-Encoding": "identity"}
    async with client.stream("POST", url, content=content, headers=headers) as response:
        answer = bytearray()
        async for chunk in response.aiter_raw():
            answer += chunk
            if len(answer) > LARGEST:
                break
        return response.status_code, bytes(answer)
