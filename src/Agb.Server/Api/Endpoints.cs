using Agb.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agb.Server.Api;

/// <summary>Maps endpoints, each with what it asks of its callers.</summary>
internal static class Endpoints
{
    /// <summary>Maps a POST with an API key.</summary>
    internal static void Post(this IEndpointRouteBuilder routes, string path, Func<Call, Task> handle) =>
        routes.Map(path, HttpMethods.Post, AccessKind.ApiKey, handle);

    /// <summary>Maps a GET with an API key.</summary>
    internal static void Get(this IEndpointRouteBuilder routes, string path, Func<Call, Task> handle) =>
        routes.Map(path, HttpMethods.Get, AccessKind.ApiKey, handle);

    /// <summary>Maps an endpoint.</summary>
    internal static void Map(this IEndpointRouteBuilder routes, string path, string method, AccessKind access, Func<Call, Task> handle) =>
        routes.MapMethods(path, [method], context => handle(new Call(context))).WithMetadata(new EndpointAccess(access));
}
