import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import type { Call } from "../call.ts";
import type { Handler } from "../handler.ts";

/** A product with its terms, in the price list's own format `aws_v1`; what is not read here is answered as it was given. */
const productSchema = z.looseObject({
  serviceCode: z.string(),
  product: z.looseObject({ productFamily: z.string().optional(), attributes: z.record(z.string(), z.string()) }),
});

export const productsBody = z.array(productSchema);
type Product = z.output<typeof productSchema>;

export interface PriceList {
  handler: Handler;
  /** Puts these products in place of those before. */
  set(products: Product[]): void;
}

const request = z.object({
  ServiceCode: z.string(),
  Filters: z.array(z.object({ Type: z.string(), Field: z.string(), Value: z.string() })).default([]),
  FormatVersion: z.literal("aws_v1").optional(),
  MaxResults: z.int().min(1).max(100).default(100),
  NextToken: z.string().regex(/^\d+$/).default("0"),
});

/** `GetProducts` over a price list that is given: there is none in the sandbox, which costs nothing. */
export function createPriceList(): PriceList {
  let products: Product[] = [];
  return {
    set(given) {
      products = given;
    },
    handler: {
      service: "pricing",
      action: "GetProducts",
      instead(call) {
        const { ServiceCode, Filters, MaxResults, NextToken } = parametersOf(call);
        const found = products
          .filter(({ serviceCode }) => serviceCode === ServiceCode)
          .filter((product) => Filters.every((filter) => matches(product, filter)));
        const start = Number(NextToken);
        const end = start + MaxResults;
        return {
          FormatVersion: "aws_v1",
          PriceList: found.slice(start, end).map((product) => JSON.stringify(product)),
          ...(end < found.length ? { NextToken: `${end}` } : {}),
        };
      },
    },
  };
}

function parametersOf({ body }: Call): z.output<typeof request> {
  const parsed = request.safeParse(JSON.parse(body.toString("utf8") || "{}"));
  if (parsed.success) return parsed.data;
  throw new AwsError("InvalidParameterException", z.prettifyError(parsed.error));
}

function matches(
  { product }: Product,
  { Type, Field, Value }: { Type: string; Field: string; Value: string },
): boolean {
  if (Type !== "TERM_MATCH") throw new AwsError("InvalidParameterException", `${Type} is not known here.`);
  const value = Field === "productFamily" ? product.productFamily : product.attributes[Field];
  return value === Value;
}
