using Microsoft.Playwright;

using var playwright = await Playwright.CreateAsync();
var browser = await playwright.Chromium.ConnectOverCDPAsync(args[0]);
var page = await (await browser.NewContextAsync()).NewPageAsync();
await page.GotoAsync("data:text/html,<title>Playwright</title><button onclick=\"document.title += ' clicked'\">Go</button>");
await page.ClickAsync("button");
var title = await page.TitleAsync();
Console.WriteLine(title == "Playwright clicked" ? "passed: Playwright for .NET clicks" : $"failed: '{title}'");
await page.CloseAsync();
return title == "Playwright clicked" ? 0 : 1;
