"""What a package says of itself to who unpacks it, in English and Chinese."""

README = {
    "en": """\
A package of evidence

What is in it
  data/exhibits/     the exhibits, named by the SHA-256 of their bytes
  data/facts/        what each exhibit is: its digest, when and from where it came, what was left out of it
  data/custody.jsonl every hand that each exhibit went through: who, what, how, when, with what result
  data/case.json     what was told of the case, and how many steps each exhibit has
  signer.pem         the public key of the node that signed

How to check it, without any network, with tools of every Linux, in the folder of this package:
  sha256sum -c --strict tagmanifest-sha256.txt
  sha256sum -c --strict manifest-sha256.txt
  openssl pkeyutl -verify -pubin -inkey signer.pem -rawin -in tagmanifest-sha256.txt -sigfile tagmanifest-sha256.txt.sig
All three must succeed. Then nothing in it was changed since it was signed. Files that stand in neither manifest are not
part of it. Whose key signer.pem is, no package can prove: compare it with one that you have from its owner.

The steps of custody of each exhibit are chained: the chain begins with the SHA-256 of data/facts/ID.json, and goes on
with the SHA-256 of the chain so far and the step (its JSON without "chain" and "signature", names sorted, no spaces).
Each is signed with Ed25519: the signed bytes are "tocsin custody v1", a line feed, and the 32 bytes of the chain.
  tocsin case evidence verify PACKAGE.tar
checks this too, and that the package has no byte that does not belong to it. It needs no node.
""",
    "zh": """\
证据包

内容
  data/exhibits/     证物，以其字节的 SHA-256 命名
  data/facts/        每件证物的说明：摘要、何时何处收到、清除了什么
  data/custody.jsonl 每件证物的经手记录：何人、何事、如何、何时、结果
  data/case.json     出具者告知的案情，以及每件证物的经手步数
  signer.pem         签名节点的公钥

如何离线核验：在本包的文件夹内，用 Linux 自带的工具
  sha256sum -c --strict tagmanifest-sha256.txt
  sha256sum -c --strict manifest-sha256.txt
  openssl pkeyutl -verify -pubin -inkey signer.pem -rawin -in tagmanifest-sha256.txt -sigfile tagmanifest-sha256.txt.sig
三条命令都成功，说明签名之后内容未被改动。不在两份清单中的文件不属于本包。signer.pem 属于谁，任何包都无法自证：
请与从其所有者处取得的公钥比对。

每件证物的经手记录以哈希相链：链始于 data/facts/ID.json 的 SHA-256，其后每一步是「此前的链与该步」的 SHA-256
（该步 JSON 去掉 chain 与 signature，键名排序，无空格）。每一步都有 Ed25519 签名，被签的字节是
"tocsin custody v1"、一个换行符和 32 字节的链值。
  tocsin case evidence verify PACKAGE.tar
也核验这些，并核验包内没有多余的字节。不需要节点。
""",
}
