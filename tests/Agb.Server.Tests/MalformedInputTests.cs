using System.Net.Http.Headers;
using System.Text;
using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Agb.Server.Tests;

/// <summary>No input makes the server answer 500: every endpoint that it maps is asked.</summary>
public sealed class MalformedInputTests
{
    private static readonly string[] s_bodies =
    [
        "", " ", "{}", "null", "[]", "7", "\"text\"", "{", "}", "{\"", "\0", "\u00ff\u00fe", "{} {}", "{\"sessionId\":null}", "{\"sessionId\":7}",
        "{\"sessionId\":[]}", "{\"sessionId\":\"\"}", "{\"sessionId\":\"\\ud800\"}", "{\"sessionId\":\"\\u0000\"}", "{\"sessionId\":\"../../etc\"}",
        "{\"sessionId\":\"s-1\"}", "{\"sessionId\":\"s-1\",\"timeout\":-1}", "{\"timeout\":1e308}", "{\"timeout\":-1e308}", "{\"timeout\":1e999}",
        "{\"labels\":{}}", "{\"labels\":\"{\\\"a\\\":null}\"}", "{\"labels\":\"[]\"}", "{\"labels\":{\"a\":null}}", "{\"sessionId\":\"s-1\",\"labels\":{\"\":\"\"}}",
        "{\"persistenceDataList\":[null]}", "{\"persistenceDataList\":[{}]}", "{\"persistenceDataList\":{}}",
        "{\"persistenceDataList\":[{\"contextId\":\"c\",\"path\":\"/p\",\"policy\":\"[\"}]}",
        "{\"persistenceDataList\":[{\"contextId\":\"c\",\"path\":\"\\u0000\",\"policy\":\"{}\"}]}",
        "{\"agb\":{\"network\":3,\"idleTimeout\":\"x\"}}", "{\"agb\":{\"idleTimeout\":\"-00:00:01\"}}", "{\"agb\":{\"limits\":{\"cpus\":1e999,\"processes\":9e9}}}", "{\"agb\":{\"limits\":[-1]}}", "{\"agb\":{\"maxLifetime\":\"10675199.02:48:05.4775807\"}}",
        "{\"sessionId\":\"s-1\",\"name\":\"echo\",\"args\":\"{\"}", "{\"sessionId\":\"s-1\",\"name\":\"echo\",\"args\":\"[]\"}",
        "{\"sessionId\":\"s-1\",\"name\":\"no_such_tool\",\"args\":\"{}\"}", "{\"sessionId\":\"s-1\",\"name\":\"click_mouse\",\"args\":\"\"}",
        "{\"sessionId\":\"s-1\",\"command\":\"\",\"timeout\":\"-1.00:00:00\"}", "{\"sessionId\":\"s-1\",\"command\":\"true\",\"environment\":{\"A\":null}}",
        "{\"sessionId\":\"s-1\",\"command\":\"true\",\"maxOutputBytes\":-1}", "{\"sessionId\":\"s-1\",\"command\":\"true\",\"maxOutputBytes\":99999999999}",
        "{\"sessionId\":\"s-1\",\"code\":\"1\",\"language\":\"Cobol\"}", "{\"sessionId\":\"s-1\",\"timeout\":\"10675199.02:48:05.4775807\"}",
        "{\"contextId\":\"c\",\"version\":-9223372036854775808}", "{\"contextId\":\"c\",\"path\":\"relative\",\"offset\":-5}", "{\"contextId\":\"c\",\"skip\":-1,\"path\":\"/\"}",
        "{\"contextId\":\"SdkCtx-1\",\"version\":9223372036854775808}", "{\"idOrName\":\"\"}", "{\"name\":\"\\u0007\"}", "{\"name\":\"x\",\"getExisting\":\"yes\"}",
        "{\"sessionId\":\"s-1\",\"port\":99999}", "{\"sessionId\":\"s-1\",\"port\":1,\"scheme\":\"gopher\"}", "{\"tool\":\"echo\",\"args\":[]}", "{\"tool\":\"echo\",\"args\":\"x\"}",
        "{\"syncId\":\"x\"}", "{\"sessionId\":\"s-1\",\"mode\":\"Sideways\"}", "{\"sessionId\":\"s-1\",\"maxDeletePercent\":-1e300}",
        "{\"x\":" + new string('[', 1000) + new string(']', 1000) + "}",
        "{\"sessionId\":\"s-1\",\"name\":\"echo\",\"args\":\"" + new string('[', 1000) + new string(']', 1000) + "\"}",
        "{\"sessionId\":\"" + new string('a', 100_000) + "\"}",
        "{\"sessionId\":\"s-1\",\"sessionId\":\"s-1\"}",
    ];

    private static readonly string[] s_queries =
    [
        "", "?", "?sessionId", "?sessionId=", "?sessionId=s-1", "?sessionId=%00", "?sessionId=%ff%fe", "?sessionId=%ED%A0%80&contextId=%ED%A0%80", "?sessionId=%",
        "?id=", "?id=x&name=y&allowCreate=maybe", "?name=%07&allowCreate=true", "?name=+", "?imageId=agb-code-space-1", "?imageId=no-such-image",
        "?maxResults=0", "?maxResults=-1", "?maxResults=99999999999999999999", "?maxResults=1.5", "?nextToken=!!", "?nextToken=A", "?nextToken=bm9uc2Vuc2U", "?nextToken=OTk5OTk6eA",
        "?labels=[]", "?labels=%7B%22a%22%3A1%7D", "?labels=" + "%5B" + "&Labels=x", "?sessionId=s-1&Labels=%7B%22a%22%3Anull%7D", "?sessionId=s-1&Labels=%7B%7D",
        "?sessionId=s-1&mode=sideways", "?sessionId=s-1&taskType=x", "?sessionId=s-1&path=relative", "?sessionId=s-1&contextId=SdkCtx-transfer-s-1&path=..",
        "?sessionId=s-1&contextId=SdkCtx-transfer-s-2&path=/tmp", "?contextId=SdkCtx-transfer-s-1&filePath=relative", "?contextId=SdkCtx-none&filePath=/a",
        "?contextId=x&filePath=/a%00b", "?contextId=x&parentFolderPath=x", "?contextId=x&pageNumber=0&pageSize=0", "?contextId=x&pageNumber=2147483647&pageSize=1000",
        "?sessionId=s-1&contextTypes=x", "?sessionId=s-1&contextTypes=[null]", "?sessionId=s-1&contextTypes=[\"other\"]", "?sessionId=s-1&port=0", "?sessionId=s-1&port=30100",
        "?sessionId=s-1&port=30100&protocolType=gopher", "?sessionId=s-1&port=99999999999", "?resourceId=%00", "?sessionId=" + "a%2F..%2F..%2Fb",
        "?path=/a&method=PUT&expires=99999999999&signature=AAAA", "?path=/a&expires=x&signature=", "?sessionId=s-1&sessionId=s-1&sessionId=",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_endpoint_answers_what_is_malformed_with_less_than_500(bool useEngine)
    {
        await using var server = await StartAsync(useEngine);
        // The engine would make a session of every request that is in order.
        var image = useEngine ? "none" : "agb-code-space-1";
        var faults = new List<string>();
        foreach (var (method, path) in Endpoints(server))
        {
            foreach (var body in method == "GET" ? [""] : s_bodies)
            {
                await AskAsync(server, method, path + $"?imageId={image}&sessionId=s-1&contextId=c", Encoding.UTF8.GetBytes(body), faults);
            }
            foreach (var query in s_queries.Where(q => !useEngine || !q.Contains("imageId=agb", StringComparison.Ordinal)))
            {
                await AskAsync(server, method, path + query, [], faults);
            }
        }
        faults.ShouldBeEmpty();
        server.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal) || l.StartsWith("Critical", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static Task<TestServer> StartAsync(bool useEngine) => TestServer.StartAsync(o => o with { RequestsPerSecond = 0 }, useEngine);

    private static IEnumerable<(string Method, string Path)> Endpoints(TestServer server) =>
        server.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(e =>
            (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            .Select(m => (m, e.RoutePattern.RawText!.Replace("{session}", "default.s-1").Replace("{owner}", "default").Replace("{context}", "c")
                .Replace("{port}", "30100").Replace("{signature}", "AAAA").Replace("{**rest}", "x"))));

    private static async Task AskAsync(TestServer server, string method, string path, byte[] body, List<string> faults)
    {
        // What an earlier one removed is there again.
        server.Fake.AddSession();
        await server.Fake.CreateContextAsync("c", getExisting: true, cancellationToken: Token);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PUT")
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        if (path.StartsWith("/link", StringComparison.Ordinal))
        {
            request.Headers.Add(WireHeaders.AccessToken, server.Server.Services.GetRequiredService<SignedLinks>().TokenOf(new SessionKey("default", "s-1")));
        }
        using var response = await server.Client.SendAsync(request, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        // 501 is the honest answer of the endpoints for browsers.
        if ((int)response.StatusCode is >= 500 and not 501)
        {
            faults.Add($"{(int)response.StatusCode} {method} {path[..Math.Min(120, path.Length)]} {Encoding.UTF8.GetString(body)[..Math.Min(80, Encoding.UTF8.GetString(body).Length)]}: {text}");
        }
        if ((int)response.StatusCode >= 400 && method != "HEAD")
        {
            Envelope.Read(Encoding.UTF8.GetBytes(text)).ShouldSatisfyAllConditions(e => e.Success.ShouldBeFalse(), e => e.Message.ShouldNotBeEmpty());
        }
    }
}
