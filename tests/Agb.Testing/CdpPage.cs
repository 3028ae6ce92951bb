using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agb.Testing;

/// <summary>A page of a browser, driven by the Chrome DevTools Protocol.</summary>
public sealed class CdpPage : IDisposable
{
    private readonly DevToolsSocket _socket;
    private readonly string _target;

    private CdpPage(DevToolsSocket socket, string target)
    {
        (_socket, _target) = (socket, target);
    }

    /// <summary>Skips the test where no browser is installed.</summary>
    public static void RequireBrowser() => Assert.SkipUnless(
        File.Exists("/usr/lib/chromium/chromium") || File.Exists("/opt/google/chrome/chrome"), "This host has no Chromium: install the package chromium.");

    /// <summary>Connects to a browser, and takes its first page or opens one.</summary>
    public static async Task<CdpPage> OpenAsync(string endpoint, bool isNew = false)
    {
        var token = TestContext.Current.CancellationToken;
        var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri(endpoint), token);
        var socket = new DevToolsSocket(client);
        var id = isNew
            ? (await socket.SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" }, null, token)).GetProperty("targetId")
            : (await socket.SendAsync("Target.getTargets", null, null, token)).GetProperty("targetInfos").EnumerateArray()
                .First(t => t.GetProperty("type").GetString() == "page").GetProperty("targetId");
        var attached = await socket.SendAsync(
            "Target.attachToTarget", new JsonObject { ["targetId"] = id.GetString(), ["flatten"] = true }, null, token);
        return new CdpPage(socket, attached.GetProperty("sessionId").GetString()!);
    }

    /// <summary>Sends a command to the page.</summary>
    public Task<JsonElement> SendAsync(string method, JsonObject? parameters = null) =>
        _socket.SendAsync(method, parameters, _target, TestContext.Current.CancellationToken);

    /// <summary>Opens a URL and waits until its document is complete.</summary>
    public async Task GoAsync(string url)
    {
        var answer = await SendAsync("Page.navigate", new JsonObject { ["url"] = url });
        (answer.TryGetProperty("errorText", out var error) ? error.GetString() : null).ShouldBeNull(url);
        await Eventually.HoldsAsync($"{url} is loaded", async () => await EvaluateAsync("document.readyState + location.href") == "complete" + url);
    }

    /// <summary>The text of an expression's value.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"String({expression})", ["returnByValue"] = true });
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value.ToString() : answer.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
