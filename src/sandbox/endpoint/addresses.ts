/** An IPv4 address as a number. */
function toNumber(address: string): number {
  return address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}

export function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

export function blockOf(cidr: string): { first: number; size: number } {
  const [address = "", prefix] = cidr.split("/");
  return { first: toNumber(address), size: 2 ** (32 - Number(prefix)) };
}
