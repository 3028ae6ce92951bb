using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;

namespace Agb.Server;

/// <summary>Maps operations: a POST with a JSON body, and a result in one of three forms.</summary>
internal static class Operations
{
    /// <summary>The result is the data of an envelope.</summary>
    internal static IEndpointConventionBuilder Answer<TBody, T>(
        this IEndpointRouteBuilder routes, string path, JsonTypeInfo<TBody> body, JsonTypeInfo<T> type, Func<Call, TBody, Task<T>> work)
        where TBody : class
        where T : class => routes.Post(path, type, async call => await work(call, await call.ReadAsync(body).ConfigureAwait(false)).ConfigureAwait(false));

    /// <summary>The envelope has no data.</summary>
    internal static IEndpointConventionBuilder Change<TBody>(
        this IEndpointRouteBuilder routes, string path, JsonTypeInfo<TBody> body, Func<Call, TBody, Task> work)
        where TBody : class => routes.Change(path, async call => await work(call, await call.ReadAsync(body).ConfigureAwait(false)).ConfigureAwait(false));

    /// <summary>The result is the last line of a stream, for work of any duration.</summary>
    internal static IEndpointConventionBuilder Stream<TBody, T>(
        this IEndpointRouteBuilder routes, string path, JsonTypeInfo<TBody> body, JsonTypeInfo<T> type, Func<Call, TBody, Task<T>> work)
        where TBody : class => routes.Post(path, async call =>
        {
            var given = await call.ReadAsync(body).ConfigureAwait(false);
            await StreamAnswer.RunAsync(
                call, async answer => await answer.ResultAsync(await work(call, given).ConfigureAwait(false), type).ConfigureAwait(false)).ConfigureAwait(false);
        });

    /// <summary>The result is an empty last line of a stream.</summary>
    internal static IEndpointConventionBuilder Stream<TBody>(
        this IEndpointRouteBuilder routes, string path, JsonTypeInfo<TBody> body, Func<Call, TBody, Task> work)
        where TBody : class => routes.Stream(path, body, WireJson.Default.EmptyBody, async (call, given) =>
        {
            await work(call, given).ConfigureAwait(false);
            return new EmptyBody();
        });

    /// <summary>The items are the lines of a stream.</summary>
    internal static IEndpointConventionBuilder List<TBody, T>(
        this IEndpointRouteBuilder routes, string path, JsonTypeInfo<TBody> body, JsonTypeInfo<T> type, Func<Call, TBody, IAsyncEnumerable<T>> list)
        where TBody : class => routes.Post(path, async call =>
            await StreamAnswer.ListAsync(call, list(call, await call.ReadAsync(body).ConfigureAwait(false)), type).ConfigureAwait(false));
}
