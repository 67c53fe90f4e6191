-- name: signals_of
-- What did each of the first exposed visitors do from the exposure to the end, and did they reach the goal?
select min(t.arm) as arm, min(t.allocation) as allocation, count(c.goal_id) as converted,
       max(case e.name when :form_submit then 2 when :form_start then 1 else 0 end) as form,
       sum(case e.name when :click then 1 else 0 end) as clicks,
       coalesce(max(case e.name when :scroll then e.value else 0 end), 0) as scroll,
       coalesce(sum(case e.name when :seconds then e.value else 0 end), 0) as seconds
from (select a.experiment_id, a.visitor_id, a.arm, a.allocation, a.exposed_at
      from assignments a
      where a.experiment_id = :experiment_id and a.exposed_at is not null
      order by a.exposed_at, a.visitor_id
      limit :most) t
left join conversions c on c.experiment_id = t.experiment_id and c.visitor_id = t.visitor_id
                       and c.goal_id = :goal_id
left join events e on e.visitor_id = t.visitor_id and e.at >= t.exposed_at and e.at <= :ended_at
                  and e.name in (:form_start, :form_submit, :click, :scroll, :seconds)
group by t.visitor_id;
