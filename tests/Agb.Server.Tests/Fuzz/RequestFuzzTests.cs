using System.Net.Http.Headers;
using Agb.Protocol;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests.Fuzz;

/// <summary>Good requests with something wrong in them, to every endpoint: none is an internal error, none tells of the host, and none costs
/// memory for good. Not beside other tests, whose memory would count.</summary>
[Collection(nameof(RequestFuzzTests))]
[CollectionDefinition(nameof(RequestFuzzTests), DisableParallelization = true)]
public sealed class RequestFuzzTests
{
    private const int MostGrowth = 4 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_wrong_with_a_request_the_server_says_so_and_stays_as_it_was()
    {
        await using var server = await FuzzTarget.StartAsync();
        var faults = new List<string>();
        var round = FuzzRun.Iterations(3000) / 3;
        await RunAsync(server, 0, round, faults);
        var first = await MemoryAsync(server, round, faults);
        var second = await MemoryAsync(server, 2 * round, faults);

        faults.ShouldBeEmpty();
        (second - first).ShouldBeLessThan(MostGrowth);
        await FuzzTarget.RestAsync(server, sessions: 1);
    }

    private static async Task<long> MemoryAsync(TestServer server, int from, List<string> faults)
    {
        await RunAsync(server, from, from + FuzzRun.Iterations(3000) / 3, faults);
        // The test's own.
        server.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal)).ShouldBeEmpty();
        server.Log.Clear();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task RunAsync(TestServer server, int from, int to, List<string> faults)
    {
        for (var i = from; i < to; i++)
        {
            var random = FuzzRun.Of(i);
            var context = await FuzzTarget.RestoreAsync(server);
            var good = random.Of(WireRequest.All).For("s-1", context);
            // Sessions that are really made would stay, and be no fault.
            var query = good.Route == AgbRoutes.CreateSession ? "imageId=none" : Mutation.Query(random, good.Query);
            var method = good.MethodAt(server);
            using var request = new HttpRequestMessage(method, $"{good.Route}?{query}");
            if (method == HttpMethod.Post)
            {
                request.Content = new ByteArrayContent(Mutation.Body(random, good.Body ?? ""));
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }
            foreach (var (name, value) in Mutation.Headers(random))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
            await AskAsync(server, request, $"seed {FuzzRun.Seed}, iteration {i}, {method} {good.Route}", faults);
        }
        foreach (var made in await server.Fake.ListContextsAsync(Token).ToListAsync(Token))
        {
            await server.Fake.RemoveContextAsync(made, Token);
        }
    }

    private static async Task AskAsync(TestServer server, HttpRequestMessage request, string which, List<string> faults)
    {
        try
        {
            using var response = await server.Client.SendAsync(request, Token);
            var text = await response.Content.ReadAsStringAsync(Token);
            if (FuzzTarget.FaultOf(server, (int)response.StatusCode, text) is { } fault)
            {
                faults.Add($"{which}: {fault[..Math.Min(300, fault.Length)]}");
            }
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.Unknown or HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded)
        {
            // A header that the client itself can't send, or that made the server close the connection.
        }
    }
}
