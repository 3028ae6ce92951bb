using System.Text;
using System.Text.Json;
using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Agb.Server.Tests;

/// <summary>No path or id that a client gives leads out of its context or session, with the real engine. In each directory that a path
/// could climb into lies a file whose content nobody may see or change; its name is that of all paths, and looked for afterwards.</summary>
public sealed class PathTraversalTests
{
    private const string Canary = "content-that-nobody-may-see";
    private const string Mark = "escaped-by-traversal";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_path_of_any_endpoint_or_tool_leads_out()
    {
        await using var server = await TestServer.StartAsync(o => o with { RequestsPerSecond = 0, FailedAttemptsPerMinute = 0, ConfigureServices = null }, useEngine: true);
        var context = (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=c&allowCreate=true")).DataAs(WireJson.Default.ContextData)!.Id!;
        var session = (await server.CreateSessionAsync($$"""{"persistenceDataList":[{"contextId":"{{context}}","path":"/home/data","policy":"{}"}]}""")).SessionId!;
        var canaries = PlantCanaries(server.Data);
        var faults = new List<string>();

        foreach (var path in Paths(server.Data, Mark))
        {
            await AskEndpointsAsync(server, context, session, path, faults);
            await AskToolsAsync(server, session, path, faults);
        }

        faults.ShouldBeEmpty();
        foreach (var canary in canaries)
        {
            (await File.ReadAllTextAsync(canary, Token)).ShouldBe(Canary);
        }
        // What was written lies in the session and the context, if anywhere.
        var owner = Path.Combine(server.Data, "owners", "default");
        string[] homes = [Path.Combine(owner, "sessions", session) + "/", Path.Combine(owner, "layers") + "/"];
        Directory.EnumerateFileSystemEntries(server.Data, "*" + Mark + "*", SearchOption.AllDirectories).Where(f => canaries.Contains(f) || !homes.Any(f.StartsWith)).Order().ShouldBe(canaries.Order());
        Directory.EnumerateFileSystemEntries(Path.GetTempPath(), "*" + Mark + "*").ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries("/", "*" + Mark + "*").ShouldBeEmpty();
        server.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal)).ShouldBeEmpty();
        await server.CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSession, $$"""{"sessionId":"{{session}}"}""");
    }

    [Fact]
    public async Task No_id_in_a_URL_leads_out_even_when_it_is_signed()
    {
        await using var server = await TestServer.StartAsync(o => o with { FailedAttemptsPerMinute = 0 }, useEngine: true);
        var links = server.Server.Services.GetRequiredService<SignedLinks>();
        var canaries = PlantCanaries(server.Data);
        using var anybody = server.ClientOf(null);
        foreach (var id in new[] { "..", "../..", "../../" + Mark, "%2e%2e", "..%2f..%2f", "a/../../..", server.Data, "a\0b", "a\\..\\..", new string('a', 5000), "." })
        {
            foreach (var file in new[]
            {
                new PresignedFile("GET", id, "c", "/" + Mark), new PresignedFile("GET", "default", id, "/" + Mark), new PresignedFile("GET", "default", "SdkCtx-transfer-" + id, "/" + Mark),
            })
            {
                var url = links.PresignedUrl(file, DateTimeOffset.UtcNow.AddHours(1));
                var (status, text) = await SendAsync(anybody, HttpMethod.Get, url);
                status.ShouldBeInRange(400, 499, url);
                text.ShouldNotContain(Canary);
                (await SendAsync(anybody, HttpMethod.Put, links.PresignedUrl(file with { Method = "PUT", Path = "/" + Mark }, DateTimeOffset.UtcNow.AddHours(1)), "x")).Status.ShouldBeInRange(400, 499, url);
            }
            var key = new SessionKey("default", id);
            var (called, answer) = await SendAsync(anybody, HttpMethod.Post, $"/link/{Uri.EscapeDataString(key.ToString())}/callTool", """{"tool":"command","args":{"command":"id"}}""", links.TokenOf(key));
            // An error of this route is a result, and the envelope beside it has the status.
            (called == 200 ? Envelope.Read(Encoding.UTF8.GetBytes(answer)).HttpStatusCode : called).ShouldBeInRange(400, 499, id);
            answer.ShouldNotContain(Canary);
            (await SendAsync(server.Client, HttpMethod.Post, "/mcp/listTools?imageId=" + Uri.EscapeDataString(id))).Status.ShouldBeInRange(400, 499);
            (await SendAsync(server.Client, HttpMethod.Post, "/mcp/createSession?imageId=" + Uri.EscapeDataString(id), "{}")).Status.ShouldBeInRange(400, 499);
        }
        canaries.ShouldAllBe(c => File.ReadAllText(c) == Canary);
        Directory.EnumerateFileSystemEntries(server.Data, "*" + Mark + "*", SearchOption.AllDirectories).Order().ShouldBe(canaries.Order());
        server.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static IEnumerable<string> Paths(string data, string name) =>
    [
        "../" + name, "../../" + name, "../../../../../../../../" + name, $"/../{name}", $"/../../../../../../../../{name}", $"/home/../../{name}", $"/home/data/../../../../../{name}", $"/./../{name}",
        $"/home/data/..//..//{name}", $"..\\..\\{name}", $"/..\\..\\{name}", $"%2e%2e%2f%2e%2e%2f{name}", $"/%2e%2e/%2e%2e/{name}", $"%252e%252e%252f{name}", $"/..%c0%af..%c0%af{name}",
        $"{data}/{name}", $"{data}/owners/default/{name}", $"/proc/self/root{data}/{name}", $"/proc/1/root{data}/{name}", $"/a\0/../{name}", $"/{name}\0", $"/a\n/../{name}", $"file://{data}/{name}", $"~/{name}", $"/{new string('a', 5000)}/../{name}",
        $"/{string.Concat(Enumerable.Repeat("a/", 600))}{name}", $"$(cat {data}/{name})", $"`cat {data}/{name}`", $"/a;cat {data}/{name}", $"-{name}", $"--output={data}/{name}", $"/\ud800/../{name}",
    ];

    private static List<string> PlantCanaries(string data)
    {
        var canaries = new List<string>();
        foreach (var directory in new[] { data, data + "/owners", data + "/owners/default", data + "/owners/default/sessions", data + "/owners/default/layers", data + "/sessions" })
        {
            Directory.CreateDirectory(directory);
            canaries.Add(Path.Combine(directory, Mark));
            File.WriteAllText(canaries[^1], Canary);
        }
        return canaries;
    }

    private static async Task AskEndpointsAsync(TestServer server, string context, string session, string path, List<string> faults)
    {
        var quoted = Uri.EscapeDataString(path);
        var json = JsonSerializer.Serialize(path);
        var links = server.Server.Services.GetRequiredService<SignedLinks>();
        var noKey = server.ClientOf(null);
        foreach (var id in new[] { context, "SdkCtx-transfer-" + session })
        {
            var quotedId = Uri.EscapeDataString(id);
            foreach (var direction in new[] { "Upload", "Download" })
            {
                var url = await CheckAsync(server.Client, HttpMethod.Post, $"/sdk/GetContextFile{direction}Url?contextId={quotedId}&filePath={quoted}", null, faults);
                if (url.Status == 200)
                {
                    var signed = Envelope.Read(Encoding.UTF8.GetBytes(url.Text)).DataAs(WireJson.Default.FileUrlData)!.Url!;
                    await CheckAsync(noKey, direction == "Upload" ? HttpMethod.Put : HttpMethod.Get, signed, "x", faults);
                }
                // What the server would never sign.
                var method = direction == "Upload" ? "PUT" : "GET";
                await CheckAsync(noKey, new HttpMethod(method), links.PresignedUrl(new PresignedFile(method, "default", id, path), DateTimeOffset.UtcNow.AddHours(1)), "x", faults);
            }
            await CheckAsync(server.Client, HttpMethod.Post, $"/sdk/DescribeContextFiles?contextId={quotedId}&parentFolderPath={quoted}", null, faults);
            await CheckAsync(server.Client, HttpMethod.Post, $"/sdk/SyncContext?sessionId={session}&contextId={quotedId}&path={quoted}&mode=download", null, faults);
            await CheckAsync(server.Client, HttpMethod.Get, $"/sdk/GetContextInfo?sessionId={session}&contextId={quotedId}&path={quoted}", null, faults);
            await CheckAsync(server.Client, HttpMethod.Post, $"/sdk/DeleteContextFile?contextId={quotedId}&filePath={quoted}", null, faults);
        }
        foreach (var id in new[] { quoted, "SdkCtx-transfer-" + quoted })
        {
            await CheckAsync(server.Client, HttpMethod.Post, $"/sdk/DescribeContextFiles?contextId={id}", null, faults);
            await CheckAsync(server.Client, HttpMethod.Post, $"/sdk/GetContextFileDownloadUrl?contextId={id}&filePath=/x", null, faults);
        }
        foreach (var (route, body) in new[]
        {
            (AgbServerRoutes.ListContextFiles, $$"""{"contextId":"{{context}}","path":{{json}},"recurse":true}"""), (AgbServerRoutes.GetContextFile, $$"""{"contextId":"{{context}}","path":{{json}}}"""),
            (AgbServerRoutes.OpenContextFile, $$"""{"contextId":"{{context}}","path":{{json}}}"""), (AgbServerRoutes.OpenContextFile, $$"""{"contextId":{{json}},"path":"/x"}"""),
            (AgbServerRoutes.StartSync, $$"""{"sessionId":"{{session}}","path":{{json}},"mode":"Upload"}"""), (AgbServerRoutes.PlanSync, $$"""{"sessionId":"{{session}}","path":{{json}},"mode":"Upload"}"""),
            (AgbServerRoutes.RunCommand, $$"""{"sessionId":"{{session}}","command":"cat escaped-by-traversal","workingDirectory":{{json}}}"""), (AgbServerRoutes.GetSession, $$"""{"sessionId":{{json}}}"""),
            (AgbServerRoutes.GetContext, $$"""{"idOrName":{{json}}}"""),
            ("/mcp/createSession?imageId=none", $$"""{"persistenceDataList":[{"contextId":"{{context}}","path":{{json}},"policy":"{}"}]}"""),
        })
        {
            await CheckAsync(server.Client, HttpMethod.Post, route, body, faults);
        }
        foreach (var change in new AgbContextFileChange[]
        {
            new AgbContextFileChange.Put(path, _ => Task.FromResult<Stream>(new MemoryStream("x"u8.ToArray()))), new AgbContextFileChange.MakeDirectory(path), new AgbContextFileChange.Remove(path),
        })
        {
            using var content = new MemoryStream();
            await ChangeStream.WriteAsync(content, new[] { change }.ToAsyncEnumerable(), Token);
            using var response = await server.Client.PostAsync($"{AgbServerRoutes.ChangeContextFiles}?contextId={context}", new ByteArrayContent(content.ToArray()), Token);
            Judge((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token), $"{change.GetType().Name} {path}", faults);
        }
    }

    private static async Task AskToolsAsync(TestServer server, string session, string path, List<string> faults)
    {
        var arguments = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["path"] = path, ["paths"] = new[] { path }, ["source"] = path, ["destination"] = path + "-moved", ["content"] = "x", ["pattern"] = "*traversal*", ["cwd"] = path, ["command"] = "cat escaped-by-traversal",
            ["edits"] = new[] { new Dictionary<string, string> { ["oldText"] = Canary, ["newText"] = "changed" } },
        });
        foreach (var tool in new[] { "read_file", "read_multiple_files", "get_file_info", "list_directory", "search_files", "create_directory", "write_file", "edit_file", "move_file", "get_file_change", "delete_file" })
        {
            var body = JsonSerializer.Serialize(new CallToolBody { SessionId = session, Name = tool, Args = arguments }, WireJson.Default.CallToolBody);
            await CheckAsync(server.Client, HttpMethod.Post, "/mcp", body, faults);
        }
    }

    private static async Task<(int Status, string Text)> CheckAsync(HttpClient client, HttpMethod method, string target, string? body, List<string> faults)
    {
        var (status, text) = await SendAsync(client, method, target, body);
        Judge(status, text, $"{method} {target} {body}", faults);
        return (status, text);
    }

    private static void Judge(int status, string text, string what, List<string> faults)
    {
        if (status >= 500 || text.Contains(Canary, StringComparison.Ordinal))
        {
            faults.Add($"{what[..Math.Min(200, what.Length)]}: {status} {text}");
        }
    }

    private static async Task<(int Status, string Text)> SendAsync(HttpClient client, HttpMethod method, string target, string? body = null, string? token = null)
    {
        using var request = new HttpRequestMessage(method, target) { Content = method == HttpMethod.Get ? null : new StringContent(body ?? "", Encoding.UTF8, "application/json") };
        if (token is not null)
        {
            request.Headers.Add(WireHeaders.AccessToken, token);
        }
        using var response = await client.SendAsync(request, Token);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}
