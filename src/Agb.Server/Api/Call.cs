using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Agb.Protocol;
using Agb.Protocol.Json;
using Agb.Server.Hosting;
using Agb.Server.Owners;
using Agb.Server.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agb.Server.Api;

/// <summary>One call of an endpoint: what it was given, and how it is answered.</summary>
internal sealed class Call(HttpContext context)
{
    /// <summary>The request and the answer.</summary>
    internal HttpContext Http => context;

    /// <summary>Whose call it is.</summary>
    internal Caller Caller { get; } = context.Features.Get<Caller>() ?? throw new InvalidOperationException("The endpoint has no access rule.");

    /// <summary>The owner.</summary>
    internal Owner Owner => Caller.Owner;

    /// <summary>The owner's service.</summary>
    internal IAgbService Service => Owner.Service;

    /// <summary>Cancelled when the client is gone.</summary>
    internal CancellationToken Aborted => context.RequestAborted;

    /// <summary>The server's settings.</summary>
    internal ServerOptions Options => Get<ServerOptions>();

    /// <summary>The links that the server signs.</summary>
    internal SignedLinks Links => Get<SignedLinks>();

    /// <summary>What clients are told of what went wrong.</summary>
    internal Failures Failures => Get<Failures>();

    /// <summary>What the server measures.</summary>
    internal Telemetry Telemetry => Get<Telemetry>();

    /// <summary>Where the client reaches the server, without a slash at the end.</summary>
    internal string BaseUrl => Options.PublicUrl is { } url
        ? url.AbsoluteUri.TrimEnd('/')
        : $"{context.Request.Scheme}://{context.Request.Host.ToUriComponent()}";

    /// <summary>A session as it stands in URLs.</summary>
    internal SessionKey KeyOf(string sessionId) => new(Owner.Id, sessionId);

    /// <summary>A part of the server.</summary>
    internal T Get<T>()
        where T : notnull => context.RequestServices.GetRequiredService<T>();

    /// <summary>A query parameter, or null where it is absent or empty.</summary>
    internal string? Query(string name) => context.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    /// <summary>A query parameter that must be there.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal string RequireQuery(string name) => Query(name) ?? throw Missing("query parameter", name);

    /// <summary>The session that a query must name.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal string RequireSessionId() => About(RequireQuery("sessionId"));

    /// <summary>Notes for the log which session the call is about.</summary>
    /// <returns>The session.</returns>
    internal string About(string sessionId)
    {
        RequestNote.Of(context).SessionId = sessionId;
        return sessionId;
    }

    /// <summary>Waits for what goes on without the caller, but not for long: a client who is answered then finds it done, and need not
    /// sleep between two looks.</summary>
    /// <param name="work">What goes on; it throws nothing.</param>
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
    /// <exception cref="AgbException">InvalidRequest: no number, or not from 1 up.</exception>
    internal int QueryNumber(string name, int standard, int most)
    {
        if (Query(name) is not { } text)
        {
            return standard;
        }
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1
            ? Math.Min(number, most)
            : throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The query parameter '{name}' is '{text}'; expected a number from 1 up.", target: text);
    }

    /// <summary>A yes or no in the query.</summary>
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

    /// <summary>Makes sure that a member of the body is there.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    internal static string Require(string? value, string name) => string.IsNullOrEmpty(value) ? throw Missing("member", name) : value;

    /// <summary>Says yes.</summary>
    internal Task OkAsync() => Reply.OkAsync(context);

    /// <summary>Answers with data.</summary>
    internal Task OkAsync<T>(T data, JsonTypeInfo<T> type, Func<Envelope, Envelope>? paging = null)
        where T : class => Reply.OkAsync(context, data, type, paging);

    private static AgbException Missing(string what, string name) =>
        AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The {what} '{name}' is missing or empty.", target: name);
}
