using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests.Fuzz;

/// <summary>How long and from which seed the fuzzers run: the same each time, unless the environment says otherwise.</summary>
internal static class FuzzRun
{
    /// <summary>AGB_FUZZ_SEED, or the usual seed.</summary>
    internal static int Seed { get; } = Number("AGB_FUZZ_SEED", 20_261);

    /// <summary>AGB_FUZZ_ITERATIONS, or a fuzzer's own number.</summary>
    internal static int Iterations(int standard) => Number("AGB_FUZZ_ITERATIONS", standard);

    /// <summary>The chances of one iteration, which can be had again without those before.</summary>
    internal static Random Of(int iteration) => new(unchecked((Seed * 1_000_003) + iteration));

    /// <summary>Picks one of several.</summary>
    internal static T Of<T>(this Random random, IReadOnlyList<T> all) => all[random.Next(all.Count)];

    private static int Number(string name, int standard) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : standard;
}

/// <summary>Makes bad requests out of good ones.</summary>
internal static class Mutation
{
    private static readonly string[] s_values =
    [
        "null", "true", "[]", "{}", "\"\"", "0", "-1", "1e999", "-9223372036854775809", "1.5", "[null]", "[{}]", "{\"a\":null}", "\"\\ud800\"", "\"\\u0000\"", "\"\u00e9\"",
        "\"../../etc/passwd\"", "\"/p\"", "\"-rf\"", "\"00:00:01\"", "\"-00:00:01\"", "\"10675199.02:48:05.4775807\"", "\"{}\"", "\"[\"", "\"%00\"", "\"a\\r\\nb: c\"", "nul", "'a'", "01", "\"\\x\"",
        $"\"{new string('a', 3000)}\"", new string('[', 200) + new string(']', 200), new string('[', 5000), "1" + new string('0', 400),
    ];

    private static readonly string[] s_words =
    [
        "", "s-1", "c", "..", "%", "%00", "%ff%fe", "%ED%A0%80", "%2e%2e%2f", "a%0d%0ab", "-1", "0", "1e9", "99999999999999999999", "true", "maybe", "[]", "%7B", "%5B%22a%22%5D", "/", "//", "/p/../q",
        "http://127.0.0.1/", "SdkCtx-transfer-s-1", "SdkCtx-transfer-", "SdkCtx-transfer-..", "+", "a+b", "%F0%9F%98%80", "💥", "\u00e9", "&", "=", "?", new string('a', 3000),
    ];

    private static readonly string[] s_headers =
    [
        "x-request-id", "range", "if-range", "if-none-match", "if-modified-since", "content-type", "accept", "accept-encoding", "cookie", "x-access-token", "x-forwarded-host", "x-forwarded-for",
        "traceparent", "connection", "te", "via", "origin", "sec-websocket-key", "x-http-method-override", "content-encoding", "x",
    ];

    private static readonly string[] s_headerValues =
    [
        "", "x", "bytes=0-", "bytes=-1", "bytes=5-1", "bytes=0-0,1-1", "bytes=99999999999999999999-", "\"etag\"", "W/\"", "*", "Thu, 99 Foo 2026", "application/json; charset=utf-99", "gzip, br;q=9", "close",
        "keep-alive, upgrade", "00-zz-zz-zz", "\u00e9", new string('a', 4000), "a,b;c=\"d", "../..",
    ];

    /// <summary>A body: the good one with something wrong, a part of it, or noise.</summary>
    internal static byte[] Body(Random random, string good)
    {
        if (good.Length == 0 || random.Next(10) == 0)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }
        using var json = JsonDocument.Parse(good);
        var text = new StringBuilder();
        Write(random, json.RootElement, text);
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (random.Next(8) == 0)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }
        return random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    /// <summary>A query with something wrong.</summary>
    internal static string Query(Random random, string good)
    {
        var parts = good.Split('&', StringSplitOptions.RemoveEmptyEntries).ToList();
        for (var changes = random.Next(3); changes > 0; changes--)
        {
            var at = parts.Count == 0 ? -1 : random.Next(parts.Count);
            var name = at < 0 ? "x" : parts[at].Split('=')[0];
            switch (random.Next(4))
            {
                case 0 when at >= 0:
                    parts.RemoveAt(at);
                    break;
                case 1 when at >= 0:
                    parts[at] = $"{name}={random.Of(s_words)}";
                    break;
                case 2:
                    parts.Insert(random.Next(parts.Count + 1), $"{name}={random.Of(s_words)}");
                    break;
                default:
                    parts.Insert(random.Next(parts.Count + 1), random.Of(s_words));
                    break;
            }
        }
        return string.Join('&', parts);
    }

    /// <summary>Headers beside those that a request needs.</summary>
    internal static IEnumerable<(string Name, string Value)> Headers(Random random) =>
        Enumerable.Range(0, random.Next(4)).Select(_ => (random.Of(s_headers), random.Of(s_headerValues)));

    private static void Write(Random random, JsonElement value, StringBuilder text)
    {
        if (random.Next(12) == 0)
        {
            text.Append(random.Of(s_values));
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            WriteObject(random, value, text);
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            text.Append('[').AppendJoin(',', value.EnumerateArray().SelectMany(v => Enumerable.Repeat(v, random.Next(12) == 0 ? random.Next(50) : 1)).Select(v => Changed(random, v))).Append(']');
        }
        else
        {
            text.Append(value.GetRawText());
        }
    }

    private static void WriteObject(Random random, JsonElement value, StringBuilder text)
    {
        var members = new List<string>();
        foreach (var member in value.EnumerateObject().Where(_ => random.Next(12) != 0))
        {
            var name = random.Next(20) == 0 ? random.Of(s_values.Where(v => v[0] == '"').ToArray()) : JsonSerializer.Serialize(member.Name);
            for (var times = random.Next(15) == 0 ? 2 : 1; times > 0; times--)
            {
                members.Add($"{name}:{Changed(random, member.Value)}");
            }
        }
        if (random.Next(10) == 0)
        {
            members.Add($"\"more\":{random.Of(s_values)}");
        }
        text.Append('{').AppendJoin(',', members).Append('}');
    }

    private static string Changed(Random random, JsonElement value)
    {
        var text = new StringBuilder();
        Write(random, value, text);
        return text.ToString();
    }
}

/// <summary>A server for fuzzers, and what must hold of it whatever it was sent.</summary>
internal static class FuzzTarget
{
    // As a word: a short name comes up by chance in ids and signatures.
    private static readonly Regex s_machine = new($"(?<![\\w-]){Regex.Escape(Environment.MachineName)}(?![\\w-])");

    /// <summary>Starts a server with a session s-1 and a context c, where nothing that is asked for is done on this machine.</summary>
    internal static async Task<TestServer> StartAsync()
    {
        var second = TimeSpan.FromSeconds(1);
        var server = await TestServer.StartAsync(o => o with
        {
            RequestsPerSecond = 0, ShutdownTimeout = TimeSpan.FromMinutes(5), Timeouts = new SlowClientTimeouts { RequestHead = second, IdleConnection = second, QuietBody = second, QuietLink = second },
        });
        server.Fake.OnCommand = (request, _) => Task.FromResult(new AgbCommandResult { SessionId = "s-1", Command = request.Command });
        server.Fake.OnCode = (request, _) => Task.FromResult(new AgbCodeResult { SessionId = "s-1", Language = request.Language });
        await RestoreAsync(server);
        return server;
    }

    /// <summary>Puts back what a request may have removed.</summary>
    internal static async Task<string> RestoreAsync(TestServer server)
    {
        server.Fake.AddSession();
        return (await server.Fake.CreateContextAsync("c", getExisting: true)).Id;
    }

    /// <summary>What is wrong with an answer; null for nothing.</summary>
    internal static string? FaultOf(TestServer server, int status, string text)
    {
        // 501 is the honest answer of the endpoints for browsers, 502 of a link behind which nothing answers, 505 to other versions of HTTP.
        if (status is >= 500 and not (501 or 502 or 505))
        {
            return $"{status}: {text}";
        }
        string[] hosts = [server.Data, AppContext.BaseDirectory.TrimEnd('/'), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + "/", "   at ", "Exception", "System."];
        var leak = Array.Find(hosts, h => text.Contains(h, StringComparison.Ordinal)) ?? (s_machine.IsMatch(text) ? Environment.MachineName : null);
        return leak is not null ? $"{status} tells of '{leak}': {text}" : null;
    }

    /// <summary>Makes sure that the server is as it was: it answers, nothing runs any more, and nothing was logged as its own fault.</summary>
    internal static async Task RestAsync(TestServer server, int sessions)
    {
        (await server.Client.GetStringAsync("/healthz")).ShouldBe("ok");
        server.Fake.Sessions.ShouldBe(sessions);
        server.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal) || l.StartsWith("Critical", StringComparison.Ordinal)).ShouldBeEmpty();
        // Whatever still ran would hold the stop up.
        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }
}
