using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Agb.Browser.Tests;

public sealed class BrowserPagesTests(HostChromium chromium) : IClassFixture<HostChromium>
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_is_opened_listed_used_again_and_closed()
    {
        await using var pages = await ConnectAsync();
        var before = await pages.ListAsync(Token);

        var opened = await pages.OpenAsync(chromium.Site + "page", null, s_limit, Token);
        opened.Title.ShouldBe("Found");
        opened.SessionId.ShouldBe("session-test");
        var all = await pages.ListAsync(Token);
        all.Count.ShouldBe(before.Count + 1);
        all[0].ShouldBe(opened);
        all.Count(p => p.IsActive).ShouldBe(1);

        var again = await pages.OpenAsync("data:text/html,<title>Second</title>", opened.PageId, s_limit, Token);
        again.PageId.ShouldBe(opened.PageId);
        again.Title.ShouldBe("Second");

        await pages.CloseAsync(opened.PageId, Token);
        await Eventually.HoldsAsync("the page is gone", async () => (await pages.ListAsync(Token)).Count == before.Count);
        (await ErrorOf(pages.CloseAsync(opened.PageId, Token))).ShouldBe(AgbErrorIds.PageNotFound);
        (await ErrorOf(pages.EvaluateAsync(opened.PageId, "1", null, Token))).ShouldBe(AgbErrorIds.PageNotFound);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("undefined")]
    [InlineData("{}")]
    [InlineData("'hidden'")]
    public async Task A_page_with_a_state_of_its_own_is_not_in_front(string state)
    {
        await using var pages = await ConnectAsync();
        var page = await pages.OpenAsync("data:text/html,x", null, s_limit, Token);
        await pages.EvaluateAsync(page.PageId, $"Object.defineProperty(document, 'visibilityState', {{ get: () => ({state}) }}); 1", null, Token);

        (await pages.ListAsync(Token)).Single(p => p.PageId == page.PageId).IsActive.ShouldBeFalse();

        await pages.CloseAsync(page.PageId, Token);
    }

    [Theory]
    [InlineData("http://nope.invalid/", "net::ERR_NAME_NOT_RESOLVED")]
    [InlineData("http://127.0.0.1:18499/", "net::ERR_CONNECTION_REFUSED")]
    [InlineData("example", "Cannot navigate to invalid URL")]
    public async Task A_page_that_does_not_load_has_the_browsers_reason(string url, string reason)
    {
        await using var pages = await ConnectAsync();
        var before = await pages.ListAsync(Token);

        var error = await Should.ThrowAsync<AgbException>(pages.OpenAsync(url, null, s_limit, Token));

        error.ErrorId.ShouldBe(AgbErrorIds.PageLoadFailed);
        error.Message.ShouldBe($"The page '{url}' did not load: {reason}.");
        (await pages.ListAsync(Token)).Count.ShouldBe(before.Count);
    }

    [Fact]
    public async Task A_load_ends_at_its_limit()
    {
        await using var pages = await ConnectAsync();

        (await ErrorOf(pages.OpenAsync(chromium.Site + "never", null, TimeSpan.FromSeconds(1), Token))).ShouldBe(AgbErrorIds.WaitTimeout);
    }

    [Fact]
    public async Task A_load_ends_though_the_page_does_not_close()
    {
        using var relay = new FakeDevTools(async (client, token) =>
        {
            using var server = new ClientWebSocket();
            await server.ConnectAsync(new Uri(chromium.Browser.Endpoint), token);
            await Task.WhenAny(PassOnAsync(client, server, "Target.closeTarget", token), PassOnAsync(server, client, null, token));
        });
        await using var pages = await BrowserPages.ConnectAsync(chromium.Browser with { Endpoint = relay.Endpoint }, Token);

        var opening = pages.OpenAsync(chromium.Site + "never", null, TimeSpan.FromSeconds(1), Token).WaitAsync(TimeSpan.FromSeconds(40), Token);

        (await ErrorOf(opening)).ShouldBe(AgbErrorIds.WaitTimeout);
    }

    private static async Task PassOnAsync(WebSocket from, WebSocket to, string? without, CancellationToken token)
    {
        var buffer = new byte[1024 * 1024];
        while (true)
        {
            var count = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await from.ReceiveAsync(buffer.AsMemory(count), token);
                count += part.Count;
            }
            while (!part.EndOfMessage);
            if (without is null || !Encoding.UTF8.GetString(buffer, 0, count).Contains(without, StringComparison.Ordinal))
            {
                await to.SendAsync(buffer.AsMemory(0, count), WebSocketMessageType.Text, endOfMessage: true, token);
            }
        }
    }

    [Theory]
    [InlineData("1 + 1", "2")]
    [InlineData("'ä' + 1", "\"ä1\"")]
    [InlineData("({ a: [1, { b: null }], c: undefined })", "{\"a\":[1,{\"b\":null}]}")]
    [InlineData("Promise.resolve([true])", "[true]")]
    [InlineData("await Promise.resolve(5)", "5")]
    [InlineData("const x1 = 3; x1 * 2", "6")]
    [InlineData("new Date(0)", "\"1970-01-01T00:00:00.000Z\"")]
    [InlineData("null", "null")]
    [InlineData("confirm('?')", "false")]
    public async Task A_result_is_json(string script, string json)
    {
        await using var pages = await ConnectAsync();
        var page = await pages.OpenAsync("data:text/html,x", null, s_limit, Token);

        var result = await pages.EvaluateAsync(page.PageId, script, null, Token);

        JsonSerializer.Serialize(result!.Value, s_plain).ShouldBe(json);
        await pages.CloseAsync(page.PageId, Token);
    }

    [Theory]
    [InlineData("throw new TypeError('bad')", "The script failed: TypeError: bad.")]
    [InlineData("throw 'text'", "The script failed: text.")]
    [InlineData("await Promise.reject(new Error('late'))", "The script failed: Error: late.")]
    [InlineData("Promise.reject(new Error('later'))", "The script failed: Error: later.")]
    [InlineData("syntax error(", "The script failed: SyntaxError: Unexpected identifier 'error'.")]
    [InlineData("const r = {}; r.r = r; r", "The script failed: TypeError: Converting circular structure to JSON.")]
    [InlineData("document.body", "The script's result is no JSON value: body. *")]
    [InlineData("NaN", "The script's result is no JSON value: NaN. *")]
    [InlineData("10n", "The script's result is no JSON value: 10n. *")]
    [InlineData("() => 1", "The script's result is no JSON value: () => 1. *")]
    public async Task A_failed_script_has_the_pages_words(string script, string message)
    {
        await using var pages = await ConnectAsync();
        var page = await pages.OpenAsync("data:text/html,x", null, s_limit, Token);

        var error = await Should.ThrowAsync<AgbException>(pages.EvaluateAsync(page.PageId, script, null, Token));

        error.ErrorId.ShouldBe(AgbErrorIds.ScriptFailed);
        if (message.EndsWith('*'))
        {
            error.Message.ShouldStartWith(message[..^1]);
        }
        else
        {
            error.Message.ShouldBe(message);
        }
    }

    [Fact]
    public async Task A_script_takes_arguments_and_may_return_nothing()
    {
        await using var pages = await ConnectAsync();
        var page = await pages.OpenAsync("data:text/html,x", null, s_limit, Token);

        (await pages.EvaluateAsync(page.PageId, "(a, b) => a.n + b", ["{\"n\":2}", "\"x\""], Token))!.Value.GetString().ShouldBe("2x");
        (await pages.EvaluateAsync(page.PageId, "undefined", null, Token)).ShouldBeNull();
    }

    [Theory]
    [InlineData(3000)]
    [InlineData(20_000)]
    public async Task A_full_page_has_its_size_the_first_time_too(int height)
    {
        await using var pages = await ConnectAsync();
        var page = await pages.OpenAsync($"data:text/html,<body style='margin:0'><div style='height:{height}px;background:red'>", null, s_limit, Token);
        var window = (await pages.EvaluateAsync(page.PageId, "[innerWidth, innerHeight]", null, Token))!.Value;

        var first = await pages.TakeScreenshotAsync(page.PageId, new PagePicture { FullPage = true }, Token);
        var visible = await pages.TakeScreenshotAsync(page.PageId, new PagePicture(), Token);

        (first.Width, first.Height).ShouldBe((window[0].GetInt32(), height));
        first.Bytes.AsSpan(1, 3).SequenceEqual("PNG"u8).ShouldBeTrue();
        (visible.Width, visible.Height).ShouldBe((window[0].GetInt32(), window[1].GetInt32()));
        await pages.CloseAsync(page.PageId, Token);
    }

    [Fact]
    public async Task A_picture_is_a_clip_or_a_jpeg()
    {
        await using var pages = await ConnectAsync();
        var page = await pages.OpenAsync("data:text/html,<body style='margin:0'><div style='height:70000px;background:linear-gradient(red,blue)'>", null, s_limit, Token);
        var jpeg = new PagePicture { Format = AgbPictureFormat.Jpeg };

        var clip = await pages.TakeScreenshotAsync(page.PageId, new PagePicture { Clip = new PageArea(10, 1500, 200, 100) }, Token);
        var good = await pages.TakeScreenshotAsync(page.PageId, jpeg with { Quality = 95 }, Token);
        var poor = await pages.TakeScreenshotAsync(page.PageId, jpeg with { Quality = 5 }, Token);

        (clip.Width, clip.Height).ShouldBe((200, 100));
        (good.Bytes[0], good.Bytes[1]).ShouldBe(((byte)0xFF, (byte)0xD8));
        good.Width.ShouldBe(poor.Width);
        good.Bytes.Length.ShouldBeGreaterThan(poor.Bytes.Length);
        (await ErrorOf(pages.TakeScreenshotAsync(page.PageId, jpeg with { FullPage = true }, Token))).ShouldBe(AgbErrorIds.InvalidBrowserOption);
        await pages.CloseAsync(page.PageId, Token);
    }

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static async Task<string> ErrorOf(Task task) => (await Should.ThrowAsync<AgbException>(task)).ErrorId;

    private Task<BrowserPages> ConnectAsync() => BrowserPages.ConnectAsync(chromium.Browser, Token);
}
