using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Web;

namespace Agb.Cloud.Tests.Support;

/// <summary>A request that was sent.</summary>
internal sealed record Sent(string Method, string Path, IReadOnlyDictionary<string, string> Query, string Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>A service with the plain AGB API, of which each path answers as a test says; in place of connections.</summary>
internal sealed class FakeAgb : HttpMessageHandler
{
    private readonly ConcurrentDictionary<string, Func<Sent, CancellationToken, Task<HttpResponseMessage>>> _answers = new();

    public ConcurrentQueue<Sent> Requests { get; } = new();

    /// <summary>The requests but for the question what the service is.</summary>
    public IReadOnlyList<Sent> Calls => [.. Requests.Where(r => r.Path != "/agb/info")];

    /// <summary>The calls of one path.</summary>
    public IReadOnlyList<Sent> Of(string path) => [.. Requests.Where(r => r.Path == path)];

    public void On(string path, Func<Sent, CancellationToken, Task<HttpResponseMessage>> answer) => _answers[path] = answer;

    public void On(string path, Func<Sent, HttpResponseMessage> answer) => On(path, (sent, _) => Task.FromResult(answer(sent)));

    /// <summary>Answers with a body, always the same.</summary>
    public void On(string path, string json, int status = 200) => On(path, _ => Json(json, status));

    /// <summary>Answers with one after the other, and with the last one from then on.</summary>
    public void On(string path, params Func<HttpResponseMessage>[] answers)
    {
        var count = 0;
        On(path, _ => answers[Math.Min(Interlocked.Increment(ref count), answers.Length) - 1]());
    }

    /// <summary>Answers yes with data.</summary>
    public void Ok(string path, string data) => On(path, Envelope(data));

    public static string Envelope(string? data = null, string more = "") =>
        $$"""{"requestId":"r-1","success":true,"code":"ok","message":"","httpStatusCode":200{{(data is null ? "" : $",\"data\":{data}")}}{{more}}}""";

    public static string No(string code, string message) =>
        $$"""{"requestId":"r-no","success":false,"code":"{{code}}","message":"{{message}}","httpStatusCode":400}""";

    public static HttpResponseMessage Json(string json, int status = 200, string type = "application/json", string? retryAfter = null)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(json, Encoding.UTF8, type) };
        if (retryAfter is not null)
        {
            answer.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        }
        return answer;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var query = HttpUtility.ParseQueryString(request.RequestUri!.Query);
        var sent = new Sent(
            request.Method.Method, request.RequestUri.AbsolutePath, query.AllKeys.ToDictionary(k => k!, k => query[k]!),
            request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken),
            request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
                .ToDictionary(h => h.Key, h => string.Join(",", h.Value), StringComparer.OrdinalIgnoreCase));
        Requests.Enqueue(sent);
        var answer = _answers.TryGetValue(sent.Path, out var handle)
            ? await handle(sent, cancellationToken)
            : Json("no such path", 404, "text/plain");
        answer.RequestMessage = request;
        return answer;
    }
}
