using System.Buffers;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Agb.Server;

/// <summary>One call of an endpoint: its inputs and its answer.</summary>
internal sealed class Call(HttpContext context)
{
    /// <summary>The request and the answer.</summary>
    internal HttpContext Http => context;

    /// <summary>The authenticated caller.</summary>
    internal Caller Caller { get; } = context.Features.Get<Caller>() ?? throw new InvalidOperationException("The endpoint has no access rule.");

    /// <summary>The owner.</summary>
    internal Owner Owner => Caller.Owner;

    /// <summary>The owner's service.</summary>
    internal IAgbService Service => Owner.Service;

    /// <summary>Cancelled when the client is gone.</summary>
    internal CancellationToken Aborted => context.RequestAborted;

    /// <summary>The server's settings.</summary>
    internal ServerOptions Options => Get<ServerOptions>();

    /// <summary>The signed links of the server.</summary>
    internal SignedLinks Links => Get<SignedLinks>();

    /// <summary>The errors as shown to clients.</summary>
    internal Failures Failures => Get<Failures>();

    /// <summary>The measurements of the server.</summary>
    internal Telemetry Telemetry => Get<Telemetry>();

    /// <summary>The server's URL as seen by the client, without a trailing slash.</summary>
    internal string BaseUrl => Options.PublicUrl is { } url
        ? url.AbsoluteUri.TrimEnd('/')
        : $"{context.Request.Scheme}://{context.Request.Host.ToUriComponent()}";

    /// <summary>The key of a session in URLs.</summary>
    internal SessionKey KeyOf(string sessionId) => new(Owner.Id, sessionId);

    /// <summary>The image of an id; null when the catalogue has it no longer.</summary>
    internal async Task<AgbImage?> FindImageAsync(string imageId) =>
        (await Service.ListImagesAsync(Aborted).ConfigureAwait(false)).FirstOrDefault(i => i.ImageId == imageId);

    /// <summary>A service of the server.</summary>
    internal T Get<T>()
        where T : notnull => context.RequestServices.GetRequiredService<T>();

    /// <summary>A query parameter; null if absent or empty.</summary>
    internal string? Query(string name) => context.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    /// <summary>A required query parameter.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal string RequireQuery(string name) => Query(name) ?? throw Missing("query parameter", name);

    /// <summary>The session id from the query (required).</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal string RequireSessionId() => About(RequireQuery("sessionId"));

    /// <summary>The session id of a body (required).</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal string RequireSessionId(string? given) => About(Require(given, "sessionId"));

    /// <summary>Records the session of this call for the log.</summary>
    /// <returns>The session.</returns>
    internal string About(string sessionId)
    {
        RequestNote.Of(context).SessionId = sessionId;
        return sessionId;
    }

    /// <summary>Waits a short time for background work. The client then finds it finished, without a sleep between two polls.</summary>
    /// <param name="work">The background work; it never throws.</param>
    /// <returns>Whether it has ended.</returns>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    internal async Task<bool> HoldAsync(Task work)
    {
        try
        {
            await work.WaitAsync(Options.ReplyHold, Options.TimeProvider, Aborted).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return work.IsCompleted;
        }
    }

    /// <summary>A number in the query.</summary>
    /// <exception cref="AgbException">InvalidRequest: not a number, or less than 1.</exception>
    internal int QueryNumber(string name, int standard, int most)
    {
        if (Query(name) is not { } text)
        {
            return standard;
        }
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1
            ? Math.Min(number, most)
            : throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The query parameter '{name}' is '{text}'; expected a number of at least 1.", target: text);
    }

    /// <summary>A true or false in the query.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal bool QueryFlag(string name) => Query(name) switch
    {
        null or "false" => false,
        "true" => true,
        { } other => throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The query parameter '{name}' is '{other}'; expected true or false.", target: other),
    };

    /// <summary>Reads the body.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal async Task<T> ReadAsync<T>(JsonTypeInfo<T> type)
        where T : class
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, Aborted).ConfigureAwait(false);
        return WireReader.Read(body.GetBuffer().AsSpan(0, (int)body.Length), type, "request body");
    }

    /// <summary>Checks the presence of a body member.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal static string Require(string? value, string name) => string.IsNullOrEmpty(value) ? throw Missing("member", name) : value;

    /// <summary>Answers with success, without data.</summary>
    internal Task OkAsync()
    {
        var body = new ArrayBufferWriter<byte>(128);
        Envelope.Ok(context.TraceIdentifier).Write(body);
        return Reply.SendAsync(context, body.WrittenMemory);
    }

    /// <summary>Answers with data.</summary>
    internal Task OkAsync<T>(T data, JsonTypeInfo<T> type, Func<Envelope, Envelope>? paging = null)
        where T : class
    {
        var body = new ArrayBufferWriter<byte>(1024);
        var envelope = Envelope.Ok(context.TraceIdentifier);
        (paging?.Invoke(envelope) ?? envelope).Write(body, data, type);
        return Reply.SendAsync(context, body.WrittenMemory);
    }

    private static AgbException Missing(string what, string name) =>
        AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The {what} '{name}' is missing or empty.", target: name);
}
