import { type Browser, chromium } from "playwright-core";

/**
 * A real Chromium from npm alone; `CHROME_PATH` names another one. The package unpacks the libraries
 * that a bare machine lacks only when it believes to run on a cloud function: hence the variable.
 */
export async function launchChromium(): Promise<Browser> {
  process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs22.x";
  const { default: packaged } = await import("@sparticuz/chromium");
  return chromium.launch({
    executablePath: process.env.CHROME_PATH ?? (await packaged.executablePath()),
    args: ["--no-sandbox", "--no-zygote", "--disable-gpu", "--headless=shell"],
  });
}
