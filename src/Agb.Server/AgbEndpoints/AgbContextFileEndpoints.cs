using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Agb.Server;

/// <summary>The extension endpoints for files of contexts.</summary>
internal static class AgbContextFileEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var json = WireJson.Default;
        routes.List(
            AgbServerRoutes.ListContextFiles, json.ListContextFilesBody, json.AgbContextFile,
            (call, body) => call.Service.ListContextFilesAsync(new ContextId(Call.Require(body.ContextId, "contextId")), body.ToQuery(), call.Aborted));
        routes.Answer(
            AgbServerRoutes.GetContextFile, json.ContextFileBody, json.AgbContextFile,
            (call, body) =>
            {
                var (id, path) = (Call.Require(body.ContextId, "contextId"), body.Path ?? "");
                // Clients with a name save the look-up of its id.
                return body.Version is null
                    ? call.Service.FindContextFileAsync(id, path, call.Aborted)
                    : call.Service.GetContextFileAsync(new ContextId(id), path, body.Version, call.Aborted);
            });
        routes.Post(AgbServerRoutes.OpenContextFile, OpenAsync).AsWork();
        routes.Post(AgbServerRoutes.ChangeContextFiles, ChangeAsync).AsWork();
    }

    private static async Task OpenAsync(Call call)
    {
        var body = await call.ReadAsync(WireJson.Default.ContextFileBody).ConfigureAwait(false);
        if (body.Offset < 0)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The offset is {body.Offset}; expected 0 or more.", target: body.Offset);
        }
        var content = await call.Service.OpenContextFileAsync(
            new ContextId(Call.Require(body.ContextId, "contextId")), body.Path ?? "", body.Version, body.Offset, call.Aborted).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            var file = content.File;
            var length = Math.Max(0, file.Size - body.Offset);
            var answer = new FileAnswer(call.Http, length, file.ModifiedAt, null);
            call.Http.Response.ContentType = "application/octet-stream";
            call.Http.Response.ContentLength = length;
            // System.Text.Json escapes all non-ASCII characters here, so the text fits into a header.
            call.Http.Response.Headers[AgbServerRoutes.FileHeader] = JsonSerializer.Serialize(file, WireJson.Default.AgbContextFile);
            await answer.SendAsync(content.Content, length).ConfigureAwait(false);
            call.Telemetry.Moved("out", length);
        }
    }

    private static async Task ChangeAsync(Call call)
    {
        var contextId = new ContextId(call.RequireQuery("contextId"));
        // Checked before the first read of the body, so a client with "Expect: 100-continue" need not send it in vain.
        await call.Service.GetContextAsync(contextId, call.Aborted).ConfigureAwait(false);
        call.Http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        // The client may need time to find the next file.
        call.Http.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        call.Http.Features.GetRequiredFeature<TimeoutStream>().Timeout = call.Options.Timeouts.StalledStream;
        await StreamAnswer.RunAsync(
            call,
            async answer =>
            {
                var content = new CountedStream(call.Http.Request.Body);
                var changes = ChangeStream.ReadAsync(content, call.Options.MaxUploadBytes, call.Aborted);
                var version = await call.Service.ChangeContextFilesAsync(contextId, changes, call.Aborted).ConfigureAwait(false);
                call.Telemetry.Moved("in", content.Count);
                await (version is null
                    ? answer.ResultAsync()
                    : answer.ResultAsync(version, WireJson.Default.AgbContextVersion)).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }
}
