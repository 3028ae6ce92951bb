using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;

namespace Agb.Server;

/// <summary>Maps endpoints, each with its access rule.</summary>
internal static class Endpoints
{
    /// <summary>Maps a POST with an API key.</summary>
    internal static IEndpointConventionBuilder Post(this IEndpointRouteBuilder routes, string path, Func<Call, Task> handle) =>
        routes.Map(path, HttpMethods.Post, AccessKind.ApiKey, handle);

    /// <summary>Maps a GET with an API key.</summary>
    internal static IEndpointConventionBuilder Get(this IEndpointRouteBuilder routes, string path, Func<Call, Task> handle) =>
        routes.Map(path, HttpMethods.Get, AccessKind.ApiKey, handle);

    /// <summary>Maps a GET with an API key, answered with data.</summary>
    internal static IEndpointConventionBuilder Get<T>(this IEndpointRouteBuilder routes, string path, JsonTypeInfo<T> type, Func<Call, Task<T>> read)
        where T : class => routes.Get(path, Answering(type, read));

    /// <summary>Maps a POST with an API key, answered with data.</summary>
    internal static IEndpointConventionBuilder Post<T>(this IEndpointRouteBuilder routes, string path, JsonTypeInfo<T> type, Func<Call, Task<T>> work)
        where T : class => routes.Post(path, Answering(type, work));

    /// <summary>Maps a POST with an API key, answered without data after the work.</summary>
    internal static IEndpointConventionBuilder Change(this IEndpointRouteBuilder routes, string path, Func<Call, Task> work) => routes.Post(path, async call =>
    {
        await work(call).ConfigureAwait(false);
        await call.OkAsync().ConfigureAwait(false);
    });

    /// <summary>Maps an endpoint.</summary>
    internal static IEndpointConventionBuilder Map(this IEndpointRouteBuilder routes, string path, string method, AccessKind access, Func<Call, Task> handle) =>
        routes.MapMethods(path, [method], context => handle(new Call(context))).WithMetadata(new EndpointAccess(access));

    /// <summary>Marks the calls of an endpoint as work, with a limit on their number (<see cref="WorkMiddleware"/>).</summary>
    internal static IEndpointConventionBuilder AsWork(this IEndpointConventionBuilder endpoint) => endpoint.WithMetadata(EndpointWork.Instance);

    private static Func<Call, Task> Answering<T>(JsonTypeInfo<T> type, Func<Call, Task<T>> work)
        where T : class => async call => await call.OkAsync(await work(call).ConfigureAwait(false), type).ConfigureAwait(false);
}
