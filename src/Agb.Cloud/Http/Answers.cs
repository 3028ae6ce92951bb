namespace Agb.Cloud;

/// <summary>Reads the data of answers. Malformed data is an error of the service.</summary>
internal static class Answers
{
    /// <summary>The data of an answer, or null without data.</summary>
    internal static T? Data<T>(this ApiReply reply, JsonTypeInfo<T> type)
        where T : class =>
        reply.Envelope.Data is { } data && data.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? Read(data, type, reply.RequestId)
            : null;

    /// <summary>The data of an answer.</summary>
    /// <exception cref="AgbServiceException">The data is missing.</exception>
    internal static T RequireData<T>(this ApiReply reply, JsonTypeInfo<T> type)
        where T : class =>
        reply.Data(type) ?? throw CloudErrors.Unreadable("it has no data", reply.RequestId, reply.Status);

    /// <summary>A message in an answer.</summary>
    internal static T Read<T>(JsonElement json, JsonTypeInfo<T> type, string requestId)
        where T : class =>
        Guard(() => WireReader.Read(json, type, "data"), requestId);

    /// <summary>Runs a reader of an answer.</summary>
    internal static T Guard<T>(Func<T> read, string requestId)
    {
        try
        {
            return read();
        }
        catch (AgbException e) when (e.ErrorId is AgbErrorIds.InvalidRequest or AgbErrorIds.InvalidPolicy)
        {
            throw CloudErrors.Unreadable(e.Message, requestId, inner: e);
        }
    }
}
